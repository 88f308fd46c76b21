import type { Capability, GpuCapability } from '../contract/rungs.ts';
import { describeAdapter, requestAdapter } from './ort/gpu-adapter.ts';

/** As a browser's global scope has it; without `gpu` where there is no WebGPU. */
export interface ProbedScope {
  readonly navigator: { readonly gpu?: GPU; readonly hardwareConcurrency: number };
  readonly crossOriginIsolated: boolean;
}

/** More gain nothing on ORT's CPU build and starve the rest of the page. */
const MOST_THREADS = 4;

/** What this browser offers to run a model on. Holds no adapter or device afterwards. */
export async function probe(scope: ProbedScope): Promise<Capability> {
  return { gpu: await probeGpu(scope.navigator.gpu), threads: threadsOf(scope) };
}

/** WASM threads that are worth having: 1 without cross-origin isolation. */
export function threadsOf(scope: ProbedScope): number {
  const { navigator, crossOriginIsolated } = scope;
  const threads = Math.min(MOST_THREADS, Math.max(1, navigator.hardwareConcurrency));
  return crossOriginIsolated ? threads : 1;
}

async function probeGpu(gpu: GPU | undefined): Promise<GpuCapability> {
  if (gpu === undefined) return { type: 'no-webgpu' };
  const adapter = await requestAdapter(gpu);
  if (adapter === null) return { type: 'no-adapter' };
  return { type: 'adapter', adapter: describeAdapter(adapter) };
}
