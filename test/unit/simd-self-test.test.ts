import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import type { SimdManifest } from '../../src/contract/model.ts';
import { referenceRun } from '../../src/engine/simd/reference-run.ts';
import { measureSimdSelfTest, runSimdSelfTest } from '../../src/engine/simd/self-test.ts';
import { present } from '../../src/lib/assert.ts';
import {
  compileForSimdInMemory,
  sourceOf,
  tinyBytes,
  tinyGolden,
  tinyLogits,
  type TinyName,
} from '../support/compiled-tiny.ts';
import { openInMemory } from '../support/simd-tiny.ts';

const NAMES: readonly TinyName[] = ['tiny-qwen2', 'tiny-qwen2-untied'];

const layersOf = ({ shape }: SimdManifest) => [...Array(shape.layers).keys()];

describe.each(NAMES)('plain arithmetic on %s', (name) => {
  test('has the logits of PyTorch, but for the rounding of weights', async () => {
    const { prompt } = await tinyGolden(name);
    const expected = await tinyLogits(name);
    const bytes = await tinyBytes(name);
    const { manifest } = await compileForSimdInMemory(bytes);

    const rows = await referenceRun(sourceOf(bytes), manifest, {
      tokens: prompt.ids,
      layers: layersOf(manifest),
      wanted: prompt.ids.length,
    });

    const logits = rows.flatMap((row) => [...row]);
    expect(logits.length).toBe(expected.length);
    const errors = logits.map((logit, at) => logit - (expected[at] ?? 0));
    expect(Math.hypot(...errors)).toBeLessThan(0.04 * Math.hypot(...expected));
  });

  test('and the kernels agree', async () => {
    const bytes = await tinyBytes(name);
    const { manifest } = await compileForSimdInMemory(bytes);
    const { model } = await openInMemory(bytes);

    const selfTest = await measureSimdSelfTest(sourceOf(bytes), manifest);
    const result = await runSimdSelfTest(model, selfTest);

    expect(result).toMatchObject({ tokens: 4, sameTokens: 4 });
    expect(result.largestErrorNats).toBeLessThan(0.1);
    expect(model.length).toBe(0);
    await model.dispose();
  });
});

describe('the self-test', () => {
  test('lets a model be opened whose numbers are right, and tells how near they were', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const selfTest = await measureSimdSelfTest(sourceOf(bytes), manifest);

    const { model, summary } = await openInMemory(bytes, {}, { manifest: { selfTest } });

    expect(summary.kernels?.selfTest?.largestErrorNats).toBeLessThan(0.1);
    await model.dispose();
  });

  test('refuses a device that is a nat off, with a sentence', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const right = await measureSimdSelfTest(sourceOf(bytes), manifest);
    const steps = right.steps.map(({ ids, logprobs }) => ({
      ids,
      logprobs: logprobs.map((logprob) => logprob - 1),
    }));

    const opening = openInMemory(bytes, {}, { manifest: { selfTest: { ...right, steps } } });

    const error = await opening.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'self-test-failed' });
    expect(String(error)).toMatch(/nats off/);
  });

  test('tries each form in which a tensor of a layer is stored', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const formsIn = (layers: readonly number[]) =>
      new Set(
        manifest.tensors
          .filter(({ name }) => layers.some((layer) => name.startsWith(`blk.${layer}.`)))
          .map(({ name, ggmlType }) => `${name.split('.').slice(2).join('.')} ${ggmlType}`),
      );

    const { layers } = await measureSimdSelfTest(sourceOf(bytes), manifest);

    expect(present(layers[0], 'a layer')).toBe(0);
    expect(formsIn(layers)).toEqual(formsIn(layersOf(manifest)));
  });
});
