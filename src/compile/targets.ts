import type { Target } from '../contract/model.ts';

/** Raised whenever the bytes that a target produces change: old compiled models are then rebuilt. */
export const COMPILER_VERSION = 1;

export interface TargetDescription {
  readonly target: Target;
  /** Where it runs and what its weights are, for a person. */
  readonly summary: string;
  /** Stored bits per weight of a linear layer, scales not counted. */
  readonly bitsPerWeight: number;
}

export const TARGETS = {
  'wasm-int8': {
    target: 'wasm-int8',
    summary: 'ONNX Runtime on the CPU (WASM): int8 weights, a scale per output column',
    bitsPerWeight: 8,
  },
} as const satisfies Partial<Readonly<Record<Target, TargetDescription>>>;

/** The targets that this compiler writes. */
export type CompilerTarget = keyof typeof TARGETS;
