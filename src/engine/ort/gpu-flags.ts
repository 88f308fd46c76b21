/**
 * Flags of the WebGPU specification, §5.1.2 (GPUBufferUsage) and §5.3 (GPUMapMode), which never change. Browsers have
 * them as globals; TypeScript's library does not, and neither has Node, where the tests of this code run.
 */
export const MAP_FOR_READING = 0x1;

export const BUFFER = {
  mapRead: 0x1,
  copyFrom: 0x4,
  copyTo: 0x8,
  storage: 0x80,
  queryResolve: 0x200,
} as const;
