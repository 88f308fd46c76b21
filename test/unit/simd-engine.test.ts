import { describe, expect, test } from 'vitest';
import { KERNEL_BUILDS } from '../../src/engine/simd/open-kernels.ts';
import { tinyBytes, tinyGolden, tinyLogits, type TinyName } from '../support/compiled-tiny.ts';
import { openInMemory } from '../support/simd-tiny.ts';

/** For the prompts below and what follows them. */
const contextTokens = 128;

const NAMES: readonly TinyName[] = ['tiny-qwen2', 'tiny-qwen2-untied'];

describe.each(NAMES)('the CPU engine on %s', (name) => {
  test.each(KERNEL_BUILDS)('speaks as PyTorch does, %s kernels', async (build) => {
    const { prompt, greedy } = await tinyGolden(name);
    const { model } = await openInMemory(await tinyBytes(name), { builds: [build], contextTokens });

    const spoken: number[] = [];
    let next = await model.prefill(prompt.ids);
    while (spoken.length < greedy.ids.length) {
      if (next.of !== 'leaders') throw new Error('this engine tells its leaders');
      const [id = -1] = next.ids;
      spoken.push(id);
      next = await model.decode(id);
    }

    expect(spoken).toEqual(greedy.ids);
    await model.dispose();
  });

  test('has the logits of PyTorch at every position of a prompt, but for the rounding of weights', async () => {
    const { prompt } = await tinyGolden(name);
    const expected = await tinyLogits(name);
    const { model } = await openInMemory(await tinyBytes(name), { contextTokens });

    const logits = await model.score(prompt.ids, prompt.ids.length);

    expect(logits.length).toBe(expected.length);
    // int8 with a scale per row: rounding of 1/254 of a row's largest weight, some 1.5 % of a typical one.
    expect(rootMeanSquare(logits.map((logit, at) => logit - (expected[at] ?? 0)))).toBeLessThan(
      0.04 * rootMeanSquare(expected),
    );
    await model.dispose();
  });

  test('gives the same bits in both builds, with any number of threads', async () => {
    const { prompt } = await tinyGolden(name);
    const bytes = await tinyBytes(name);
    const scores: Float32Array[] = [];
    for (const build of KERNEL_BUILDS) {
      for (const threads of [1, 3]) {
        const { model } = await openInMemory(bytes, { builds: [build], threads, contextTokens });
        scores.push(await model.score(prompt.ids, prompt.ids.length));
        await model.dispose();
      }
    }

    for (const score of scores) expect(score).toEqual(scores[0]);
  });
});

function rootMeanSquare(values: Float32Array): number {
  return Math.hypot(...values) / Math.sqrt(values.length);
}
