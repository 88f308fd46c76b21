import type { Target } from '../contract/model.ts';
import type { FloatType } from './graph-builder.ts';

/** Raised whenever the bytes that a target produces change: old compiled models are then rebuilt. */
export const COMPILER_VERSION = 1;

export interface TargetDescription {
  readonly target: Target;
  /** Where it runs and what its weights are, for a person. */
  readonly summary: string;
  /** Of activations and of the KV cache. */
  readonly float: FloatType;
}

export const TARGETS: Readonly<Record<Target, TargetDescription>> = {
  'simd-int8': {
    target: 'simd-int8',
    summary:
      'our own kernels on the CPU (WASM SIMD): int8 weights, a scale per row, made while they are read',
    float: 'float32',
  },
  'wasm-int8': {
    target: 'wasm-int8',
    summary: 'ONNX Runtime on the CPU (WASM): int8 weights, a scale per output column',
    float: 'float32',
  },
  'webgpu-f16': {
    target: 'webgpu-f16',
    summary:
      'ONNX Runtime on the GPU (WebGPU with shader-f16): 4- and 8-bit blocks of 32, half precision',
    float: 'float16',
  },
  'webgpu-f32': {
    target: 'webgpu-f32',
    summary: 'ONNX Runtime on the GPU (any WebGPU): 4- and 8-bit blocks of 32, single precision',
    float: 'float32',
  },
};
