import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/lib/prng.ts';

describe('Prng', () => {
  test('gives the numbers that pcg32-demo publishes for seed 42, stream 54', () => {
    const prng = new Prng(42);

    const drawn = Array.from({ length: 6 }, () => prng.nextUint32().toString(16));

    expect(drawn).toEqual(['a15c02b7', '7b47f409', 'ba1d3330', '83d2f293', 'bfa4784b', 'cbed606e']);
  });

  test('the same seed gives the same numbers, another seed others', () => {
    expect(new Prng(2 ** 32 - 1).nextFraction()).toBe(new Prng(2 ** 32 - 1).nextFraction());
    expect(new Prng(1).nextFraction()).not.toBe(new Prng(2).nextFraction());
  });

  test('fractions fill 0–1 evenly: 16 cells of 100,000 draws pass a chi-square test at 0.1 %', () => {
    const prng = new Prng(20261122);
    let isInRange = true;
    const cells = Array.from({ length: 16 }, () => 0);

    for (let i = 0; i < 100_000; i++) {
      const fraction = prng.nextFraction();
      isInRange &&= fraction >= 0 && fraction < 1;
      const cell = Math.floor(fraction * 16);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }

    expect(isInRange).toBe(true);
    const expected = 100_000 / 16;
    const chiSquare = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom
  });
});
