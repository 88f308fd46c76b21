/** A module with one instruction of relaxed SIMD (`i8x16.relaxed_swizzle`), from GoogleChromeLabs/wasm-feature-detect. */
const PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15,
  65, 2, 253, 15, 253, 128, 2, 11,
]);

/** What a Node process needs to run the relaxed build of the kernels: nothing, or, up to Node 20, a flag that later ones no longer know. */
export function relaxedSimdFlags(): string[] {
  return WebAssembly.validate(PROBE) ? [] : ['--experimental-wasm-relaxed-simd'];
}
