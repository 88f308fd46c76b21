import { describe, expect, test } from 'vitest';
import { FORM_HALVES, FORM_WORDS } from '../../../src/engine/simd/kernel-exports.ts';
import { multiplyRow, quantise, type QuantisedRow } from '../../support/kernel-reference.ts';
import { Bench, padded, type Build } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const VARIANTS: readonly (readonly [string, Build, number])[] = [
  ['words in the plain build', 'plain', FORM_WORDS],
  ['words in the relaxed build', 'relaxed', FORM_WORDS],
  ['halves in the relaxed build', 'relaxed', FORM_HALVES],
];

interface Case {
  readonly outputs: number;
  readonly columns: number;
  readonly rows: number;
  /** float32 [outputs][columns]. */
  readonly weights: Float32Array;
  /** float32 [rows][columns]. */
  readonly x: Float32Array;
  /** float32 [rows][outputs]: what is added to. */
  readonly y: Float32Array;
}

function rowsOf(values: Float32Array, columns: number, greatest: number): QuantisedRow[] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    quantise(values.subarray(row * columns, (row + 1) * columns), greatest),
  );
}

/** y + W x, by the reference: [rows][outputs]. */
function expected({ weights, x, y, columns, outputs }: Case): Float32Array {
  const w = rowsOf(weights, columns, 127);
  return Float32Array.from(
    rowsOf(x, columns, 8191).flatMap((row, r) =>
      w.map((weight, n) => multiplyRow(weight, row, y[r * outputs + n] as number)),
    ),
  );
}

/** y + W x, by the kernels: [rows][outputs]. */
function multiplied(build: Build, form: number, problem: Case): Float32Array {
  const { weights, x, y, rows, outputs, columns } = problem;
  const bench = new Bench(build, 32);
  const { kernels } = bench;
  const matrix = bench.matrix(weights, outputs, columns);
  const width = padded(columns);
  const packed = bench.place(rows * width * 2);
  const scales = bench.place(rows * 4);
  const row = bench.floats(new Float32Array(width));
  for (let r = 0; r < rows; r++) {
    bench.viewFloats(row, columns).set(x.subarray(r * columns, (r + 1) * columns));
    kernels.packRow(row, width, packed, scales, r, rows, form);
  }
  const stride = padded(outputs);
  const to = bench.floats(new Float32Array(rows * stride));
  for (let r = 0; r < rows; r++) {
    bench.viewFloats(to + r * stride * 4, outputs).set(y.subarray(r * outputs, (r + 1) * outputs));
  }

  // In two shares, as two threads would.
  const groups = stride / 4;
  const half = groups >> 1;
  kernels.multiply(matrix, packed, scales, rows, to, stride * 4, half, groups, form);
  kernels.multiply(matrix, packed, scales, rows, to, stride * 4, 0, half, form);

  const result = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    result.set(bench.viewFloats(to + r * stride * 4, outputs), r * outputs);
    const padding = bench.viewFloats(to + (r * stride + outputs) * 4, stride - outputs);
    expect([...padding].every((value) => value === 0)).toBe(true);
  }
  return result;
}

function randomCase(random: RandomFloats, outputs: number, columns: number, rows: number): Case {
  const weights = random.floats(outputs * columns, 0.05);
  const x = random.floats(rows * columns, 3);
  const y = random.floats(rows * outputs);
  return { outputs, columns, rows, weights, x, y };
}

describe.each(VARIANTS)('a product of %s', (_name, build, form) => {
  test.each([Date.now() % 0x7fffffff, 1])(
    'has the bits of the scalar one, for all kinds of sizes (seed %i)',
    (seed) => {
      const random = new RandomFloats(seed);
      for (const [outputs, columns, rows] of [
        [1, 1, 1],
        [5, 15, 1],
        [16, 16, 2],
        [19, 100, 3],
        [33, 896, 4],
        [20, 1024, 1],
        [20, 1025, 5],
        [7, 1040, 6],
        [4, 2100, 7],
        [6, 2048, 8],
        [9, 1100, 9],
        [17, 70, 67],
        [5, 1030, 130],
      ] as const) {
        const problem = randomCase(random, outputs, columns, rows);

        const result = multiplied(build, form, problem);

        expect(result, `${outputs} × ${columns}, ${rows} rows`).toEqual(expected(problem));
      }
    },
  );

  test.each([1, 4, 12])(
    'overflows nowhere when all of %i rows is as large as it can be',
    (rows) => {
      const outputs = 6;
      const columns = 2100;
      const weights = new Float32Array(outputs * columns).fill(1);
      const x = new Float32Array(rows * columns).fill(-1);
      weights.fill(-1, columns, 2 * columns);
      const problem = { outputs, columns, rows, weights, x, y: new Float32Array(rows * outputs) };

      const result = multiplied(build, form, problem);

      expect(result).toEqual(expected(problem));
      expect(result[0]).toBeCloseTo(-2100, 1);
      expect(result[1]).toBeCloseTo(2100, 1);
    },
  );

  test('outliers do not touch other rows', () => {
    const problem = randomCase(new RandomFloats(3), 16, 64, 5);
    problem.x.fill(1e30, 0, 64);
    problem.x.fill(1e-35, 64, 128);
    problem.x.fill(0, 128, 192);

    expect(multiplied(build, form, problem)).toEqual(expected(problem));
  });
});
