import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/lib/prng.ts';
import type { NextToken } from '../../src/engine/next-token.ts';
import { expectationOf } from '../../src/engine/sampling/insight.ts';
import { Sampler } from '../../src/engine/sampling/sampler.ts';

const PROBABILITIES = [0.5, 0.2, 0.05, 0.15, 0.1];
const ALL: NextToken = { of: 'all', logits: Float32Array.from(PROBABILITIES, Math.log) };
const LEADERS: NextToken = {
  of: 'leaders',
  ids: Int32Array.from([0, 1, 3, 4, 2]),
  logits: Float32Array.from([0.5, 0.2, 0.15, 0.1, 0.05], Math.log),
  logNormaliser: 0,
};
const GREEDY = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 1 };

describe.each([
  ['of all logits', ALL],
  ['of leaders', LEADERS],
])('what a model expects, %s', (_what, next) => {
  test('is its most likely tokens with their probabilities, and the entropy of all', () => {
    const { leaders, entropyNats } = expectationOf(next, 3);

    expect(leaders.map(({ id }) => id)).toEqual([0, 1, 3]);
    leaders.forEach(({ id, probability }) =>
      expect(probability).toBeCloseTo(PROBABILITIES[id] ?? NaN, 5),
    );
    const entropy = -PROBABILITIES.reduce((sum, p) => sum + p * Math.log(p), 0);
    expect(entropyNats).toBeCloseTo(entropy, 4);
  });

  test('is told beside what the chain made of it: what it drops has no chance left', () => {
    const sampler = new Sampler(5);
    const sampling = { ...GREEDY, temperature: 1, topK: 2 };

    const { id, alternatives } = sampler.sample(next, new Set(), sampling, new Prng(1), 4);

    expect(alternatives?.tokens.map(({ id }) => id)).toEqual([0, 1, 3, 4]);
    const after = alternatives?.tokens.map(({ after }) => after) ?? [];
    expect(after[0]).toBeCloseTo(0.5 / 0.7, 4);
    expect(after[1]).toBeCloseTo(0.2 / 0.7, 4);
    expect(after.slice(2)).toEqual([0, 0]);
    expect(alternatives?.before).toBeCloseTo(PROBABILITIES[id] ?? NaN, 4);
  });

  test('of a greedy choice leaves one way', () => {
    const { alternatives } = new Sampler(5).sample(next, new Set(), GREEDY, new Prng(1), 2);

    expect(alternatives?.tokens.map(({ after }) => after)).toEqual([1, 0]);
  });

  test('has what was chosen in it, however unlikely the model thought it', () => {
    const sampling = { ...GREEDY, repetitionPenalty: 5 };
    // Seen tokens with negative logits become less likely: all but token 2 are.
    const { id, alternatives } = new Sampler(5).sample(
      next,
      new Set([0, 1, 3, 4]),
      sampling,
      new Prng(1),
      2,
    );

    expect(alternatives?.tokens.map((token) => token.id)).toContain(id);
  });

  test('changes nothing of what is chosen', () => {
    const sampling = { ...GREEDY, temperature: 1 };
    for (let seed = 0; seed < 50; seed++) {
      const without = new Sampler(5).sample(next, new Set(), sampling, new Prng(seed));
      const { alternatives: _, ...choice } = new Sampler(5).sample(
        next,
        new Set(),
        sampling,
        new Prng(seed),
        10,
      );

      expect(choice).toEqual(without);
    }
  });
});

test('of a large vocabulary the sum is right to four digits, though most of it is passed over', () => {
  const prng = new Prng(20_261_125);
  const logits = Float32Array.from({ length: 50_000 }, () => prng.nextFraction() * 30 - 15);
  const exact = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));

  expect(expectationOf({ of: 'all', logits }, 10).logNormaliser).toBeCloseTo(exact, 4);
});
