import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { FORM_HALVES, LEADERS, STEP_DONE } from '../../../src/engine/simd/kernel-exports.ts';
import {
  KernelModel,
  type Head,
  ODD_SHAPE,
  randomWeights,
  referenceLogits,
} from '../../support/kernel-model.ts';
import { logSumExp } from '../../support/kernel-reference.ts';
import { BUILDS } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const SEEDS = [Date.now() % 0x7fffffff, 1];

const WEIGHTS = randomWeights(ODD_SHAPE, 7);

function randomTokens(seed: number, length: number): readonly number[] {
  const random = new RandomFloats(seed);
  return Array.from({ length }, () => random.below(ODD_SHAPE.vocabulary));
}

/** Equal for equal bits alone; far quicker to compare than a thousand logits. */
function bitsOf({ logits, leaderIds, leaderLogits, logNormaliser }: Head): string {
  const hash = createHash('sha256');
  for (const part of [logits, leaderIds, leaderLogits]) hash.update(part);
  return `${logNormaliser} ${hash.digest('hex')}`;
}

describe.each(BUILDS)('a step in the %s build', (build) => {
  test.each(SEEDS)('gives the logits of the scalar decoder (seed %i)', (seed) => {
    const tokens = randomTokens(seed, 11);
    const model = new KernelModel(build, randomWeights(ODD_SHAPE, seed));

    const heads = model.run(tokens, 0, 8);

    const wanted = referenceLogits(randomWeights(ODD_SHAPE, seed), tokens).slice(-8);
    for (const [row, { logits }] of heads.entries()) {
      const differences = logits.map((logit, id) => Math.abs(logit - Number(wanted[row]?.[id])));
      // Logits are about 1 in size, activations have 14 bits.
      expect(Math.max(...differences)).toBeLessThan(0.005);
    }
  });

  test('names the leaders and the normaliser of its logits', () => {
    const model = new KernelModel(build, WEIGHTS);

    for (const head of model.run(randomTokens(3, 5), 0, 3)) {
      const { logits, leaderIds, leaderLogits, logNormaliser } = head;
      const byLogit = Array.from(logits, (_, id) => id).sort(
        (a, b) => Number(logits[b]) - Number(logits[a]) || a - b,
      );
      expect([...leaderIds]).toEqual(byLogit.slice(0, LEADERS));
      expect(leaderLogits).toEqual(Float32Array.from(leaderIds, (id) => logits[id] as number));
      expect(logNormaliser).toBeCloseTo(logSumExp(logits), 5);
    }
  });

  describe('for many tokens at a time', () => {
    const tokens = randomTokens(5, 282);
    let alone: readonly Head[] = [];
    beforeAll(() => {
      const model = new KernelModel(build, WEIGHTS);
      alone = tokens.flatMap((token, position) => model.run([token], position));
    });

    test.each([2, 3, 5, 8, 9, 141])('has the same bits for %i as for one by one', (size) => {
      const model = new KernelModel(build, WEIGHTS);

      for (let start = 0; start < tokens.length; start += size) {
        const chunk = tokens.slice(start, start + size);
        const rows = Math.min(8, chunk.length);

        const heads = model.run(chunk, start, rows);

        const end = start + chunk.length;
        expect(heads.map(bitsOf)).toEqual(alone.slice(end - rows, end).map(bitsOf));
      }
    });
  });

  test('may be run in pieces of layers', () => {
    const tokens = randomTokens(9, 20);
    const whole = new KernelModel(build, WEIGHTS).run(tokens, 0);
    const model = new KernelModel(build, WEIGHTS);
    const { kernels } = model.bench;
    model.prepare(tokens, 0, 0);

    for (const [first, end, headRows] of [
      [0, 1, 0],
      [1, 2, 1],
    ] as const) {
      kernels.prepareStep(model.address, tokens.length, 0, first, end, 19, headRows);
      expect(kernels.runStep(model.address, 0)).toBe(STEP_DONE);
    }

    expect(model.heads(1)).toEqual(whole);
  });

  test('gives the logits of any of its rows afterwards', () => {
    const tokens = randomTokens(11, 20);
    const model = new KernelModel(build, WEIGHTS);
    const { layers } = ODD_SHAPE;
    const wanted = tokens.map((token, i) => model.run([token], i)[0]);
    model.run(tokens, 0);
    model.bench.kernels.prepareStep(model.address, 0, 0, layers, layers, 4, 3);
    model.step();
    expect(model.heads(3)).toEqual(wanted.slice(4, 7));
  });

  test('knows nothing of tokens that it went back before', () => {
    const tokens = randomTokens(13, 150);
    const model = new KernelModel(build, WEIGHTS);
    const first = model.run(tokens, 0);
    model.run(randomTokens(14, 100), 50);

    model.run(tokens.slice(50, 140), 50);

    expect(model.run(tokens.slice(140), 140)).toEqual(first);
  });
});

test('both builds and both forms give the same bits', () => {
  const tokens = randomTokens(17, 140);
  const plain = new KernelModel('plain', WEIGHTS);
  const relaxed = new KernelModel('relaxed', WEIGHTS);
  const halves = new KernelModel('relaxed', WEIGHTS);
  halves.bench.kernels.setForm(halves.address, FORM_HALVES);

  const heads = plain.run(tokens, 0, 4);

  expect(relaxed.run(tokens, 0, 4)).toEqual(heads);
  expect(halves.run(tokens, 0, 4)).toEqual(heads);
  const next = plain.run([1], tokens.length);
  expect(relaxed.run([1], tokens.length)).toEqual(next);
  expect(halves.run([1], tokens.length)).toEqual(next);
});
