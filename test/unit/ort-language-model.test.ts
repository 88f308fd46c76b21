import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../src/engine/ort/open-model.ts';
import type { OrtLanguageModel } from '../../src/engine/ort/ort-language-model.ts';
import {
  compileInMemory,
  memoryFolder,
  tinyBytes,
  tinyGolden,
  tinyLogits,
  type TinyName,
} from '../support/compiled-tiny.ts';

const options = { contextTokens: 600, threads: 1, runtime: { folderUrl: null } };

/** Cosine of the angle between two logit vectors, their means taken off. */
function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (x: Float32Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] ?? 0) - ma, (b[i] ?? 0) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

describe.each<TinyName>(['tiny-qwen2', 'tiny-qwen2-untied'])(
  '%s compiled for wasm-int8',
  (name) => {
    let model: OrtLanguageModel;
    beforeAll(async () => {
      const { folder } = await compileInMemory(await tinyBytes(name));
      model = (await openModel(folder, options, () => {})).model;
    });
    afterAll(async () => model.dispose());

    test("gives PyTorch's logits within what int8 explains, at every prompt position", async () => {
      const { prompt, vocabulary } = await tinyGolden(name);
      const golden = await tinyLogits(name);

      model.truncate(0);
      const logits = await model.score(prompt.ids, prompt.ids.length);

      for (let t = 0; t < prompt.ids.length; t++) {
        const ours = logits.subarray(t * model.vocabulary, t * model.vocabulary + vocabulary);
        const theirs = golden.subarray(t * vocabulary, (t + 1) * vocabulary);
        expect(correlation(ours, theirs), `position ${t}`).toBeGreaterThan(0.995);
      }
    });

    test("gives PyTorch's greedy tokens, prompt in one run and then one by one", async () => {
      const { prompt, greedy } = await tinyGolden(name);

      model.truncate(0);
      let logits = await model.score(prompt.ids, 1);
      const ids: number[] = [];
      for (let i = 0; i < greedy.ids.length; i++) {
        const id = argmax(logits);
        ids.push(id);
        logits = await model.score([id], 1);
      }

      expect(ids).toEqual(greedy.ids);
    });

    test('a cache that has grown past its first slots gives what a fresh one gives', async () => {
      const { prompt } = await tinyGolden(name);
      const long = Array.from({ length: 300 }, (_, i) => prompt.ids[i % prompt.ids.length] ?? 0);

      model.truncate(0);
      await model.prefill(long.slice(0, 250));
      const grown = (await model.score(long.slice(250), 1)).slice();
      model.truncate(0);
      const whole = await model.score(long, 1);

      expect(correlation(grown, whole)).toBeGreaterThan(0.995);
    });
  },
);

test('a compiled model whose weights were cut is refused as damaged', async () => {
  const { files } = await compileInMemory(await tinyBytes());
  const cut = new Map(files);
  cut.set('weights.bin', (files.get('weights.bin') ?? new Uint8Array(0)).subarray(0, -1));

  const opening = openModel(memoryFolder(cut), options, () => {});

  await expect(opening).rejects.toMatchObject({ code: 'compiled-damaged' });
});

test('progress of a load only grows and ends at 1', async () => {
  const { folder } = await compileInMemory(await tinyBytes());
  const fractions: number[] = [];

  const { model } = await openModel(folder, options, ({ fraction }) => fractions.push(fraction));
  await model.dispose();

  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});
