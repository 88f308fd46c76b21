import type { Target } from './model.ts';

/**
 * Bytes of a compiled model per byte of its source: the official Q4_K_M files give 1.03 (they are 8 bits a weight
 * compiled, but carry the vocabulary matrix twice); rounded up.
 */
export const COMPILED_PER_SOURCE_BYTE = 1.05;

/** What lies beside a source that the engine reads itself: tokenizer, description, the run system prompt. */
const BESIDE_SOURCE_BYTES = 16_000_000;

/** About how many bytes the form of a model for a target takes. */
export function formBytes(target: Target, sourceBytes: number): number {
  return target === 'simd-int8' ? BESIDE_SOURCE_BYTES : sourceBytes * COMPILED_PER_SOURCE_BYTE;
}
