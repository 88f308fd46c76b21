import { describe, expect, test } from 'vitest';
import { quantise, rmsNorm, rotate, silu } from '../../support/kernel-reference.ts';
import { Bench, BUILDS, padded } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const SEEDS = [Date.now() % 0x7fffffff, 1];

/** Every number within `tolerance` of its size, or of the smallest normal one. */
function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i] as number;
    const allowed = Math.max(Math.abs(wanted), 2 ** -126) * tolerance;
    const distance = Math.abs((actual[i] as number) - wanted);
    if (!(distance <= allowed)) expect({ i, value: actual[i] }).toEqual({ i, value: wanted });
  }
}

describe.each(BUILDS)('in the %s build', (build) => {
  describe('RMS norm', () => {
    test.each(SEEDS)('is the scalar one for every width (seed %i)', (seed) => {
      const random = new RandomFloats(seed);
      for (const width of [1, 3, 4, 7, 64, 101, 896]) {
        const bench = new Bench(build, 1);
        const [x, weight] = [random.floats(width, 5), random.floats(width)];
        const y = bench.floats(new Float32Array(width));

        bench.kernels.rmsNorm(bench.floats(x), bench.floats(weight), width, 1e-6, y);

        expectNear(bench.readFloats(y, width), rmsNorm(x, weight, 1e-6), 1e-6);
      }
    });

    test.each([1e15, 1e-15, 0])('of numbers as %d stays finite', (size) => {
      const bench = new Bench(build, 1);
      const x = new Float32Array(64).fill(size);
      const ones = new Float32Array(64).fill(1);
      const at = bench.floats(x);

      bench.kernels.rmsNorm(at, bench.floats(ones), 64, 1e-6, at);

      expectNear(bench.readFloats(at, 64), rmsNorm(x, ones, 1e-6), 1e-6);
    });
  });

  describe('the rotary embedding', () => {
    test.each(SEEDS)('is the scalar one at every position (seed %i)', (seed) => {
      const random = new RandomFloats(seed);
      for (const [size, position] of [
        [16, 0],
        [64, 1],
        [64, 4095],
        [128, 32_767],
      ] as const) {
        const bench = new Bench(build, 1);
        const half = size / 2;
        const angles = Array.from({ length: half }, (_, i) => position * 1e6 ** (-i / half));
        const x = random.floats(size);
        const at = bench.floats(x);
        const cosines = bench.floats(angles.map(Math.cos));
        const sines = bench.floats(angles.map(Math.sin));

        bench.kernels.rotate(at, cosines, sines, half, 0.125, at);

        const wanted = rotate(x, position, 1e6).map((value) => value / 8);
        const distances = bench.readFloats(at, size).map((value, i) => value - Number(wanted[i]));
        expect(Math.max(...distances.map(Math.abs))).toBeLessThan(1e-7 * 4);
      }
    });
  });

  describe('SwiGLU', () => {
    test.each(SEEDS)('is the scalar one (seed %i)', (seed) => {
      const random = new RandomFloats(seed);
      const [gate, up] = [random.floats(4000, 10), random.floats(4000)];
      const bench = new Bench(build, 1);
      const at = bench.floats(gate);

      bench.kernels.swiglu(at, bench.floats(up), 4000);

      const wanted = gate.map((value, i) => silu(value) * Number(up[i]));
      expectNear(bench.readFloats(at, 4000), wanted, 5e-6);
    });

    test('passes large numbers and closes for large negative ones', () => {
      const bench = new Bench(build, 1);
      const gate = bench.floats([0, -0, 87, 1e30, -30, -86, -1000, -1e30]);

      bench.kernels.swiglu(gate, bench.floats(Array.from({ length: 8 }, () => 2)), 8);

      const [zero, minusZero, large, huge, ...negative] = bench.readFloats(gate, 8);
      expect([zero, minusZero]).toEqual([0, -0]);
      expectNear([large as number, huge as number], [174, 2e30], 1e-6);
      expectNear(negative.slice(0, 2), [-60 * Math.exp(-30), -172 * Math.exp(-86)], 1e-5);
      for (const value of negative.slice(2)) expect(Math.abs(value)).toBeLessThan(1e-7);
    });
  });

  test.each(SEEDS)('the embedding of a token is its row (seed %i)', (seed) => {
    const [rows, columns] = [7, 100];
    const values = new RandomFloats(seed).floats(rows * columns);
    const bench = new Bench(build, 1);
    const matrix = bench.matrix(values, rows, columns);
    const y = bench.place(padded(columns) * 4);

    for (let row = 0; row < rows; row++) {
      bench.kernels.embed(matrix, row, y);

      const wanted = quantise(values.subarray(row * columns, (row + 1) * columns), 127);
      const floats = Float32Array.from(wanted.integers, (integer) => integer * wanted.scale);
      expect(bench.readFloats(y, columns)).toEqual(floats);
      const padding = bench.readFloats(y + columns * 4, padded(columns) - columns);
      expect([...padding].every((value) => value === 0)).toBe(true);
    }
  });
});
