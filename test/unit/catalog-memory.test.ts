/** What the catalogue says of memory where it can be computed: by the compiler, or by the engine's own map of it. */
import { beforeAll, expect, test } from 'vitest';
import catalog from '../../models/catalog.json' with { type: 'json' };
import { readKernels } from '../../models/cli/read-kernels.ts';
import { targetSizes } from '../../src/compile/target-sizes.ts';
import { parseCatalog } from '../../src/contract/catalog.ts';
import type { DecoderShape, Target } from '../../src/contract/model.ts';
import type { KernelExports } from '../../src/engine/simd/kernel-exports.ts';
import { mapMemory, measuringMemory } from '../../src/engine/simd/memory-map.ts';
import { openKernels, startKernels } from '../../src/engine/simd/open-kernels.ts';
import { QWEN2_HALF_B } from '../support/qwen2-half-b.ts';

/** By default. */
const CONTEXT_TOKENS = 4096;
/** Measured with the 0.5B, and no larger with more weights: browser, page, the tokenizer's 151,936 strings. */
const BESIDE_BYTES = 300e6;
/** While weights go to the GPU, one tensor at a time is in the page's memory as well. */
const MOST_TENSOR_BYTES = 128 * 2 ** 20;
/** In numbers that one reads. */
const ROUNDED_TO_BYTES = 10e6;

const ONE_AND_HALF_B: DecoderShape = {
  ...QWEN2_HALF_B,
  layers: 28,
  width: 1536,
  feedForwardWidth: 8960,
  queryHeads: 12,
  headSize: 128,
};
const entries = parseCatalog(catalog).map((entry) => ({
  ...entry,
  shape: entry.fileName.includes('1.5b') ? ONE_AND_HALF_B : QWEN2_HALF_B,
}));

let kernels: KernelExports;
beforeAll(async () => {
  const { module } = await openKernels(readKernels, ['plain']);
  kernels = startKernels(module, measuringMemory());
});

test.each(entries)(
  '$title on a GPU: weights, cache, and what the page takes',
  ({ shape, memory }) => {
    for (const target of ['webgpu-f16', 'webgpu-f32'] as const) {
      const need = memory[target];

      expect(need?.basis).toBe('computed');
      expect(need?.answeringBytes).toBe(rounded(gpuBytes(shape, target) + BESIDE_BYTES));
      expect(need?.peakBytes).toBe(
        rounded(gpuBytes(shape, target) + BESIDE_BYTES + MOST_TENSOR_BYTES),
      );
    }
  },
);

test.each(entries)(
  '$title on our own kernels: their memory, and what the page takes',
  ({ shape, memory }) => {
    const { totalBytes } = mapMemory(kernels, {
      shape,
      isTied: true,
      contextTokens: CONTEXT_TOKENS,
      chunkTokens: 128,
      headRows: 8,
      threads: 4,
      stagingBytes: 8 << 20,
    });
    const need = memory['simd-int8'];
    const computed = rounded(totalBytes + BESIDE_BYTES);

    if (need?.basis === 'computed') expect(need.peakBytes).toBe(computed);
    else
      expect(Math.abs((need?.peakBytes ?? 0) - computed)).toBeLessThanOrEqual(3 * ROUNDED_TO_BYTES);
  },
);

function gpuBytes(shape: DecoderShape, target: Target): number {
  const tied = { head: 'token_embd.weight', embedding: null };
  const { bytes, kvBytesPerToken, matrices } = targetSizes(shape, tied, () => 'Q6_K', target);
  const head = matrices?.find(({ kind }) => kind === 'head')?.totalBytes ?? 0;
  const scalesTwice = head - shape.vocabulary * shape.width; // the operators want them in different ranks
  return bytes + scalesTwice + CONTEXT_TOKENS * kvBytesPerToken;
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / ROUNDED_TO_BYTES) * ROUNDED_TO_BYTES;
}
