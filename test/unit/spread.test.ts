import { describe, expect, test } from 'vitest';
import { quantile, spread } from '../../src/lib/spread.ts';

describe('spread', () => {
  // Expected values from NumPy 2: np.percentile(values, [50, 25, 75]).
  test.each<[string, number[], [number, number, number]]>([
    ['one value is all three', [7], [7, 7, 7]],
    ['two values are interpolated', [1, 3], [2, 1.5, 2.5]],
    ['order does not matter', [30, 10, 20], [20, 15, 25]],
    ['numbers are compared as numbers', [100, 9, 20], [20, 14.5, 60]],
    ['an even count', [4, 1, 3, 2], [2.5, 1.75, 3.25]],
    ['one outlier moves the median by little', [10, 11, 12, 13, 1000], [12, 11, 13]],
  ])('%s', (_case, values, [median, p25, p75]) => {
    expect(spread(values)).toEqual({ median, p25, p75 });
  });

  test('nothing measured has no median', () => {
    expect(() => spread([])).toThrow(RangeError);
  });

  test('a value that is not a number is refused instead of sorted anywhere', () => {
    expect(() => spread([1, Number.NaN])).toThrow(RangeError);
    expect(() => spread([1, Infinity])).toThrow(RangeError);
  });

  test('the values given stay as they are', () => {
    const values = [3, 1, 2];

    spread(values);

    expect(values).toEqual([3, 1, 2]);
  });
});

test('a quantile outside 0 to 1 is refused', () => {
  expect(() => quantile([1], 1.5)).toThrow(RangeError);
});
