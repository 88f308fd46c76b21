import { afterEach, expect, test, vi } from 'vitest';
import { probe, type ProbedScope } from '../../src/engine/probe.ts';

/** As browsers do, each limit is a property of the prototype. */
class FakeLimits {
  get maxBufferSize(): number {
    return 2 ** 30;
  }
  get maxStorageBuffersPerShaderStage(): number {
    return 10;
  }
}
for (const name of Object.keys(Object.getOwnPropertyDescriptors(FakeLimits.prototype))) {
  if (name !== 'constructor')
    Object.defineProperty(FakeLimits.prototype, name, { enumerable: true });
}

const INFO = {
  vendor: 'amd',
  architecture: 'rdna-4',
  device: '',
  description: '',
  isFallbackAdapter: false,
};

function scopeWith(
  info: Partial<typeof INFO> | null,
  changes: Partial<ProbedScope> = {},
): ProbedScope {
  const adapter =
    info === null
      ? null
      : {
          info: { ...INFO, ...info },
          features: new Set(['subgroups', 'shader-f16']),
          limits: new FakeLimits(),
        };
  const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
  return { navigator: { gpu, hardwareConcurrency: 8 }, crossOriginIsolated: true, ...changes };
}

async function adapterFound(scope: ProbedScope) {
  const { gpu } = await probe(scope);
  if (gpu.type !== 'adapter') throw new Error(gpu.type);
  return gpu.adapter;
}

afterEach(() => vi.unstubAllGlobals());

test('an adapter is told with its features in order and every limit by name', async () => {
  expect(await adapterFound(scopeWith({}))).toMatchObject({
    vendor: 'amd',
    architecture: 'rdna-4',
    isSoftware: false,
    features: ['shader-f16', 'subgroups'],
    limits: { maxBufferSize: 2 ** 30, maxStorageBuffersPerShaderStage: 10 },
  });
});

test.each([
  ['says so', { isFallbackAdapter: true }],
  ['is SwiftShader', { vendor: 'google', architecture: 'swiftshader' }],
  ['is llvmpipe', { vendor: 'mesa', description: 'llvmpipe (LLVM 19.1)' }],
])('an adapter is software when it %s', async (_how, info) => {
  expect((await adapterFound(scopeWith(info))).isSoftware).toBe(true);
});

test.each([
  ['jspi', { Suspending: () => {} }],
  ['asyncify', {}],
])('the %s build is for WebAssembly with %o', async (build, webAssembly) => {
  vi.stubGlobal('WebAssembly', webAssembly);

  expect((await adapterFound(scopeWith({}))).ortBuild).toBe(build);
});

test('a browser without WebGPU, and one that gives no adapter, are told apart', async () => {
  const without = { navigator: { hardwareConcurrency: 2 }, crossOriginIsolated: true };

  expect((await probe(without)).gpu).toEqual({ type: 'no-webgpu' });
  expect((await probe(scopeWith(null))).gpu).toEqual({ type: 'no-adapter' });
});

test.each([
  [16, true, 4],
  [2, true, 2],
  [0, true, 1],
  [16, false, 1],
])('of %d cores, isolated %s, %d threads', async (hardwareConcurrency, isolated, threads) => {
  const scope = { navigator: { hardwareConcurrency }, crossOriginIsolated: isolated };

  expect((await probe(scope)).threads).toBe(threads);
});
