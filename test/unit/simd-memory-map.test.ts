import { beforeAll, describe, expect, test } from 'vitest';
import { readKernels } from '../../models/cli/read-kernels.ts';
import type { DecoderShape } from '../../src/contract/model.ts';
import { COMMAND_BYTES } from '../../src/engine/simd/commands.ts';
import {
  FIRST_FREE_BYTE,
  KERNEL_ALIGNMENT_BYTES,
  type KernelExports,
} from '../../src/engine/simd/kernel-exports.ts';
import {
  allocateMemory,
  mapMemory,
  measuringMemory,
  qkvRows,
  type MemoryPlan,
} from '../../src/engine/simd/memory-map.ts';
import { KERNEL_BUILDS, openKernels, startKernels } from '../../src/engine/simd/open-kernels.ts';
import { failureOf } from '../support/failure-of.ts';
import { QWEN2_HALF_B } from '../support/qwen2-half-b.ts';

/** Qwen2.5 7B. */
const LARGE: DecoderShape = {
  ...QWEN2_HALF_B,
  layers: 28,
  width: 3584,
  feedForwardWidth: 18_944,
  queryHeads: 28,
  keyValueHeads: 4,
  headSize: 128,
};
/** Every size at the limit that a GGUF may state. */
const MONSTROUS: DecoderShape = {
  ...QWEN2_HALF_B,
  layers: 256,
  width: 65_536,
  feedForwardWidth: 1_048_576,
  queryHeads: 1024,
  keyValueHeads: 1024,
  headSize: 1024,
  vocabulary: 4_194_304,
};

const PLAN: MemoryPlan = {
  shape: QWEN2_HALF_B,
  isTied: true,
  contextTokens: 4096,
  chunkTokens: 128,
  headRows: 8,
  threads: 4,
  stagingBytes: 8 << 20,
};

describe.each(KERNEL_BUILDS)('the memory map, %s kernels', (build) => {
  let kernels: KernelExports;
  beforeAll(async () => {
    const { module } = await openKernels(readKernels, [build]);
    kernels = startKernels(module, measuringMemory());
  });

  test('gives every part its own bytes, at an address that kernels take', () => {
    const plan = { ...PLAN, isTied: false };
    const map = mapMemory(kernels, plan);
    const { width, feedForwardWidth, vocabulary } = QWEN2_HALF_B;
    const parts: [start: number, bytes: number][] = [
      [0, FIRST_FREE_BYTE],
      [map.commands, COMMAND_BYTES],
      [map.model, kernels.modelBytes(QWEN2_HALF_B.layers)],
      [map.cosines, 4096 * 32 * 4],
      [map.sines, 4096 * 32 * 4],
      [map.outputNorm, 4 * width],
      [map.head, kernels.matrixBytes(vocabulary, width)],
      [map.embedding, kernels.matrixBytes(vocabulary, width)],
      ...map.layers.flatMap((layer): [number, number][] => [
        [layer.attentionNorm, 4 * width],
        [layer.qkv, kernels.matrixBytes(qkvRows(QWEN2_HALF_B), width)],
        [layer.qkvBias, 4 * qkvRows(QWEN2_HALF_B)],
        [layer.attentionOutput, kernels.matrixBytes(width, width)],
        [layer.feedForwardNorm, 4 * width],
        [layer.gate, kernels.matrixBytes(feedForwardWidth, width)],
        [layer.up, kernels.matrixBytes(feedForwardWidth, width)],
        [layer.down, kernels.matrixBytes(width, feedForwardWidth)],
        [layer.keys, map.cacheBytes],
        [layer.values, map.cacheBytes],
      ]),
      [map.workspace, kernels.workspaceBytes(FIRST_FREE_BYTE, 128, 8, 4)],
    ];

    parts.sort(([a], [b]) => a - b);
    let end = 0;
    for (const [start, bytes] of parts) {
      expect(start).toBeGreaterThanOrEqual(end);
      expect(start % KERNEL_ALIGNMENT_BYTES).toBe(0);
      end = start + bytes;
    }
    expect(end).toBeLessThanOrEqual(map.totalBytes);
  });

  test('lays pieces of the file where nothing is that was loaded before', () => {
    const map = mapMemory(kernels, PLAN);
    const headBytes = kernels.matrixBytes(151_936, 896);

    expect(map.staging).toBeGreaterThanOrEqual(map.head + headBytes);
    expect(map.rowScratch).toBeGreaterThanOrEqual(map.staging + PLAN.stagingBytes);
    expect(map.rowScratch + 4 * map.rowScratchBytes).toBeLessThanOrEqual(map.totalBytes);
  });

  test('has room for pieces of the file where the model is smaller than these', () => {
    const shape = { ...QWEN2_HALF_B, layers: 1, width: 64, feedForwardWidth: 64, vocabulary: 64 };

    const map = mapMemory(kernels, { ...PLAN, shape, contextTokens: 64 });

    expect(map.totalBytes).toBeGreaterThan(PLAN.stagingBytes);
  });

  test('has one matrix for head and embedding where the model ties them', () => {
    const tied = mapMemory(kernels, PLAN);
    const untied = mapMemory(kernels, { ...PLAN, isTied: false });

    expect(tied.embedding).toBe(tied.head);
    expect(untied.totalBytes - tied.totalBytes).toBeGreaterThan(151_936 * 896);
  });

  test('takes little more than a byte for a weight', () => {
    const { totalBytes } = mapMemory(kernels, { ...PLAN, contextTokens: 2048 });

    expect(totalBytes).toBeGreaterThan(494e6);
    expect(totalBytes).toBeLessThan(580e6);
  });

  test.each([
    ['the 7B', LARGE],
    ['the largest that a file may state', MONSTROUS],
  ])('%s is refused with a sentence that says how much it needs', async (_name, shape) => {
    expect(
      await failureOf(() => mapMemory(kernels, { ...PLAN, shape, isTied: false })),
    ).toMatchObject({
      code: 'model-too-large',
      sentence: expect.stringMatching(/needs [\d.,]+ GB .* 4\.29 GB/),
    });
  });

  test('a memory that cannot be had is an error with a code', () => {
    const map = mapMemory(kernels, PLAN);

    expect(() => allocateMemory({ ...map, totalBytes: 2 ** 33 })).toThrow(
      expect.objectContaining({ code: 'out-of-memory' }),
    );
  });
});
