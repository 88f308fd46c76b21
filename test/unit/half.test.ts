import { expect, test } from 'vitest';
import { halfToFloat } from '../../src/gguf/dequantize/half.ts';
import { toHalf } from '../../src/lib/half.ts';

const halfOf = (value: number) => toHalf(Float32Array.of(value))[0] ?? 0;

test('every half that is a number comes back as it was', () => {
  const floats = halfToFloat();

  const back = toHalf(floats);

  const wrong = [...back.keys()].filter((half) => {
    const isNumber = !Number.isNaN(floats[half]);
    return isNumber && back[half] !== half;
  });
  expect(wrong).toEqual([]);
});

test('not a number stays not a number', () => {
  expect(halfToFloat()[halfOf(NaN)]).toBeNaN();
});

test('what lies between two halves goes to the nearer one', () => {
  const floats = halfToFloat();
  for (const half of [0, 1, 5, 0x3ff, 0x400, 0x3c00, 0x5640, 0x7bfe]) {
    const [low = 0, high = 0] = [floats[half], floats[half + 1]];

    expect(halfOf(low + (high - low) * 0.49), `above ${low}`).toBe(half);
    expect(halfOf(low + (high - low) * 0.51), `below ${high}`).toBe(half + 1);
  }
});

test.each([
  ['a tie goes to the even one below', 1 + 2 ** -11, 0x3c00],
  ['a tie goes to the even one above', 1 + 3 * 2 ** -11, 0x3c02],
  ['a tie of denormals goes to the even one', 1.5 * 2 ** -24, 0x0002],
  ['half of the least is zero', 2 ** -25, 0x0000],
  ['a little more than half of the least is the least', 2 ** -25 * 1.001, 0x0001],
  ['65,519 is still finite', 65_519, 0x7bff],
  ['65,520 is infinite', 65_520, 0x7c00],
  ['a negative keeps its sign', -2, 0xc000],
])('%s', (_, value, half) => {
  expect(halfOf(value)).toBe(half);
});
