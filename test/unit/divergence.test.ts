import { describe, expect, test } from 'vitest';
import { divergence, summarise } from '../../models/cli/quality/divergence.ts';

describe('divergence', () => {
  test('of a distribution from itself is nothing, whatever is added to all logits', () => {
    const a = Float32Array.of(1, 2, 3);
    const b = Float32Array.of(11, 12, 13);

    const { kl, isSameTop } = divergence(a, b, 0);

    expect(kl).toBeCloseTo(0, 12);
    expect(isSameTop).toBe(true);
  });

  test('of a fair coin from a 3 : 1 coin is ½ ln(½ / ¾) + ½ ln(½ / ¼)', () => {
    const fair = Float32Array.of(0, 0);
    const bent = Float32Array.of(Math.log(3), 0);

    const { kl, compiled } = divergence(fair, bent, 1);

    expect(kl).toBeCloseTo(0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25), 6);
    expect(compiled).toBeCloseTo(Math.log(0.25), 6);
  });

  test('a logit of minus infinity in the reference adds nothing', () => {
    const reference = Float32Array.of(0, -Infinity);
    const compiled = Float32Array.of(0, 0);

    expect(divergence(reference, compiled, null).kl).toBeCloseTo(Math.LN2, 6);
  });
});

describe('summarise', () => {
  test('perplexity is exp of the mean negative log-probability of what came next', () => {
    const position = (logProbability: number | null) => ({
      kl: 0.1,
      isSameTop: true,
      reference: logProbability,
      compiled: logProbability,
    });

    const quality = summarise('t', [
      position(Math.log(0.5)),
      position(Math.log(0.125)),
      position(null),
    ]);

    expect(quality.perplexityReference).toBeCloseTo(4, 9);
    expect(quality.tokens).toBe(3);
  });
});
