/**
 * The ladder: ways to run a model, the fastest first. Each is tried in a worker of its own; where one fails, the next
 * takes its place, and the last runs everywhere. Names and values only: which to try is decided in src/state.
 */
import type { Target } from './model.ts';

/**
 * `webgpu-f16`: activations and cache in 16 bits. `webgpu-f16-fp32`: the same, its products summed in 32 bits, for
 * GPUs whose 16-bit sums are not exact enough. `webgpu-f32`: 32 bits throughout, for adapters without `shader-f16`.
 * `simd-int8`: the CPU, by our own kernels. `wasm-int8`: the CPU, by ONNX Runtime.
 */
export const RUNGS = [
  'webgpu-f16',
  'webgpu-f16-fp32',
  'webgpu-f32',
  'simd-int8',
  'wasm-int8',
] as const;
export type Rung = (typeof RUNGS)[number];
export type GpuRung = Exclude<Rung, CpuRung>;
export type CpuRung = 'simd-int8' | 'wasm-int8';

/** The highest rung that needs no GPU. */
export const HIGHEST_CPU_RUNG = 'simd-int8' satisfies CpuRung;

/** The rung below which there is none: it needs nothing but WebAssembly. */
export const LOWEST_RUNG = 'wasm-int8' satisfies Rung;

/** What each rung runs. Two may share a compiled model. */
export const TARGET_OF_RUNG = {
  'webgpu-f16': 'webgpu-f16',
  'webgpu-f16-fp32': 'webgpu-f16',
  'webgpu-f32': 'webgpu-f32',
  'simd-int8': 'simd-int8',
  'wasm-int8': 'wasm-int8',
} as const satisfies Readonly<Record<Rung, Target>>;

/** Every target that a rung runs, in the order of the rungs. */
export const RUN_TARGETS: readonly Target[] = [
  ...new Set<Target>(RUNGS.map((rung) => TARGET_OF_RUNG[rung])),
];

export function isGpuRung(rung: Rung): rung is GpuRung {
  return rung !== 'simd-int8' && rung !== 'wasm-int8';
}

/** What this browser offers to run a model on, as a worker finds it: values, no advice. */
export interface Capability {
  readonly gpu: GpuCapability;
  /** WASM threads: 1 without cross-origin isolation. */
  readonly threads: number;
}

export type GpuCapability =
  /** The browser has no WebGPU, or none in workers. */
  | { readonly type: 'no-webgpu' }
  /** It has, but gave no adapter: none fits, or its driver is on the browser's list of broken ones. */
  | { readonly type: 'no-adapter' }
  | { readonly type: 'adapter'; readonly adapter: Adapter };

export interface Adapter {
  /** `GPUAdapterInfo`; each may be empty, as the browser likes. */
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** The adapter is a program on the CPU: right, and slower than the CPU engine. */
  readonly isSoftware: boolean;
  /** Names of `GPUFeatureName`, sorted. */
  readonly features: readonly string[];
  /** Every limit of the adapter by its name in `GPUSupportedLimits`. */
  readonly limits: Readonly<Record<string, number>>;
  /** Which build of ONNX Runtime Web this browser runs on a GPU: `jspi` where WebAssembly can suspend itself. */
  readonly ortBuild: 'jspi' | 'asyncify';
}
