import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebGpuOptions } from '../../src/compile/webgpu-dialect.ts';
import type { WebGpuTarget } from '../../src/contract/model.ts';
import { GraphOnCpu } from '../../src/engine/ort/graph-on-cpu.ts';
import {
  compileForWebGpuInMemory,
  tinyBytes,
  tinyGolden,
  tinyLogits,
  type TinyName,
} from '../support/compiled-tiny.ts';

/** Compiled and opened on ORT's CPU provider. */
async function openTiny(
  name: TinyName,
  target: WebGpuTarget,
  options: WebGpuOptions = {},
): Promise<GraphOnCpu> {
  const { manifest, files, folder } = await compileForWebGpuInMemory(
    await tinyBytes(name),
    target,
    options,
  );
  const graph = files.get('model.onnx') ?? new Uint8Array(0);
  const weights = await folder.openSync('weights.bin');
  const cpu = { contextTokens: 128, threads: 1, runtime: { folderUrl: null } };
  return GraphOnCpu.open({ manifest, graph, weights }, cpu);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

/** The first `columns` of each row. */
function columnsOf(rows: Float32Array, width: number, columns: number): Float32Array {
  return rows.filter((_, i) => i % width < columns);
}

/**
 * Largest difference of a logit from PyTorch's fp32 run on the same GGUF; logits have a standard deviation of 4. A Q4_0
 * source goes over whole. Of the others some matrices are rounded to 8 bits (F16, F32; all of the untied one's).
 */
describe.each<[TinyName, WebGpuTarget, number]>([
  ['tiny-qwen2-q4_0', 'webgpu-f32', 0.0005],
  ['tiny-qwen2-q4_0', 'webgpu-f16', 0.05],
  ['tiny-qwen2', 'webgpu-f32', 0.3],
  ['tiny-qwen2', 'webgpu-f16', 0.3],
  ['tiny-qwen2-untied', 'webgpu-f32', 0.4],
  ['tiny-qwen2-untied', 'webgpu-f16', 0.4],
])('%s compiled for %s', (name, target, tolerance) => {
  let all: GraphOnCpu;
  let next: GraphOnCpu;
  beforeAll(async () => {
    all = await openTiny(name, target, { returns: 'logits' });
    next = await openTiny(name, target);
  });
  afterAll(async () => {
    await all.dispose();
    await next.dispose();
  });

  test(`gives PyTorch's logits within ${tolerance} at every prompt position`, async () => {
    const { prompt, vocabulary } = await tinyGolden(name);
    const golden = await tinyLogits(name);

    all.reset();
    const logits = await all.run(prompt.ids, 'logits');

    const ours = columnsOf(logits, all.manifest.shape.vocabulary, vocabulary);
    expect(largestDifference(golden, ours)).toBeLessThan(tolerance);
  });

  test('gives the same token by token as in one run', async () => {
    const { prompt } = await tinyGolden(name);
    all.reset();
    const atOnce = (await all.run(prompt.ids, 'logits')).slice();
    const width = all.manifest.shape.vocabulary;

    all.reset();
    for (const [t, id] of prompt.ids.entries()) {
      const row = await all.run([id], 'logits');

      const expected = atOnce.subarray(t * width, (t + 1) * width);
      expect(largestDifference(expected, row), `position ${t}`).toBeLessThan(0.02);
    }
  });

  test("gives PyTorch's greedy tokens, prompt in one run and then one by one", async () => {
    const { prompt, greedy } = await tinyGolden(name);
    const { leaders } = next.manifest;

    next.reset();
    let tokens = prompt.ids;
    const ids: number[] = [];
    while (ids.length < greedy.ids.length) {
      const best = (await next.run(tokens, 'next'))[leaders] ?? NaN;
      ids.push(best);
      tokens = [best];
    }

    expect(ids).toEqual(greedy.ids);
  });

  test("tells the last row's leading candidates and the log of the normaliser", async () => {
    const { prompt } = await tinyGolden(name);
    const { leaders, shape } = next.manifest;
    all.reset();
    const logits = (await all.run(prompt.ids, 'logits')).subarray(-shape.vocabulary);
    const best = [...logits.keys()].toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));

    next.reset();
    const told = await next.run(prompt.ids, 'next');

    expect(leaders).toBe(64);
    expect(told).toHaveLength(2 * leaders + 1);
    expect([...told.subarray(leaders, 2 * leaders)]).toEqual(best.slice(0, leaders));
    expect([...told.subarray(0, leaders)]).toEqual(best.slice(0, leaders).map((id) => logits[id]));
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(told[2 * leaders]).toBeCloseTo(Math.log(sum), 4);
  });
});

test.each<TinyName>(['tiny-qwen2', 'tiny-qwen2-untied', 'tiny-qwen2-q4_0'])(
  '%s cut into small tensors gives what it gives whole',
  async (name) => {
    const { prompt } = await tinyGolden(name);
    const whole = await openTiny(name, 'webgpu-f32', { returns: 'logits' });
    const cut = await openTiny(name, 'webgpu-f32', { returns: 'logits', maxTensorBytes: 4096 });

    const expected = await whole.run(prompt.ids, 'logits');
    const actual = await cut.run(prompt.ids, 'logits');

    expect(largestDifference(expected, actual)).toBeLessThan(0.001);
  },
);
