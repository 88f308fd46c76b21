import { describe, expect, test } from 'vitest';
import { FORM_WORDS } from '../../../src/engine/simd/kernel-exports.ts';
import { attend, quantise } from '../../support/kernel-reference.ts';
import { Bench, BUILDS, type Build } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const SLICE_KEYS = 128;

interface Case {
  readonly heads: number;
  readonly headSize: number;
  /** float32 [heads][headSize]. */
  readonly queries: Float32Array;
  /** float32 [count][headSize]. */
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

function randomCase(random: RandomFloats, heads: number, headSize: number, count: number): Case {
  const queries = random.floats(heads * headSize, 0.3);
  const keys = random.floats(count * headSize, 2);
  return { heads, headSize, queries, keys, values: random.floats(count * headSize) };
}

/** Attention of all heads, slice by slice as a step does it: [heads][headSize]. Behind the last key and value lie NaNs. */
function attended(build: Build, { heads, headSize, queries, keys, values }: Case): Float32Array {
  const bench = new Bench(build, 8);
  const { kernels } = bench;
  const count = keys.length / headSize;
  const rowBytes = headSize * 4;
  const q = bench.floats(queries);
  const packed = bench.place(heads * headSize * 2);
  const scales = bench.place(heads * 4);
  for (let head = 0; head < heads; head++) {
    kernels.packRow(q + head * rowBytes, headSize, packed, scales, head, heads, FORM_WORDS);
  }
  const [k, v] = [bench.floats(keys), bench.floats(values)];
  const keyCache = bench.place(kernels.headCacheBytes(count + SLICE_KEYS, headSize));
  const valueCache = bench.place(kernels.headCacheBytes(count + SLICE_KEYS, headSize));
  for (let i = 0; i < count; i++) {
    kernels.storeKey(keyCache, k + i * rowBytes, i, count, headSize);
    kernels.storeValue(valueCache, v + i * rowBytes, i, count, headSize);
  }
  const scratch = bench.place(Number(kernels.ATTEND_SCRATCH_BYTES.value));
  const stateBytes = kernels.stateBytes(headSize);
  const states = bench.place(heads * stateBytes);
  const others = bench.place(heads * stateBytes);
  const y = bench.place(heads * rowBytes);

  for (let first = 0; first < count; first += SLICE_KEYS) {
    kernels.attendSlice(
      packed,
      scales,
      heads,
      kernels.cacheFrom(keyCache, first, headSize),
      kernels.scalesFrom(keyCache, first, count, headSize),
      kernels.cacheFrom(valueCache, first, headSize),
      kernels.scalesFrom(valueCache, first, count, headSize),
      Math.min(SLICE_KEYS, count - first),
      headSize,
      scratch,
      first === 0 ? states : others,
    );
    for (let state = 0; state < (first === 0 ? 0 : heads * stateBytes); state += stateBytes) {
      kernels.mergeStates(states + state, others + state, headSize);
    }
  }
  for (let head = 0; head < heads; head++) {
    kernels.finishState(states + head * stateBytes, headSize, y + head * rowBytes);
  }
  return bench.readFloats(y, heads * headSize);
}

/** Attention by the scalar one, of queries, keys and values rounded as the kernels round them. */
function expected({ heads, headSize, queries, keys, values }: Case): Float64Array {
  const roundedKeys = rounded(keys, headSize, headSize > 64 ? (8191 * 64) / headSize : 8191);
  const roundedValues = rounded(values, headSize, 8191);
  return Float64Array.from(
    Array.from({ length: heads }, (_, head) => {
      const query = queries.subarray(head * headSize, (head + 1) * headSize);
      return [...attend(rounded(query, headSize, 8191), roundedKeys, roundedValues, 1)];
    }).flat(),
  );
}

function rounded(rows: Float32Array, width: number, greatest: number): Float64Array {
  return Float64Array.from(
    Array.from({ length: rows.length / width }, (_, row) => {
      const values = rows.subarray(row * width, (row + 1) * width);
      const { integers, scale } = quantise(values, Math.floor(greatest));
      return [...integers].map((integer) => integer * scale);
    }).flat(),
  );
}

/** Values are about 1 in size, so that this is a relative error as well. */
function greatestDifference(actual: Float32Array, wanted: Float64Array): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - Number(wanted[i]))));
}

/** A slice has up to 128 weights, each rounded to 15 bits of the greatest: a standard deviation of about 1e−4. */
const TOLERANCE = 5e-4;

describe.each(BUILDS)('attention in the %s build', (build) => {
  test.each([Date.now() % 0x7fffffff, 1])(
    'is the scalar one for any number of heads and keys (seed %i)',
    (seed) => {
      const random = new RandomFloats(seed);
      for (const [heads, headSize, count] of [
        [1, 16, 1],
        [2, 64, 2],
        [7, 64, 5],
        [3, 128, 127],
        [8, 32, 128],
        [7, 64, 129],
        [6, 64, 515],
      ] as const) {
        const problem = randomCase(random, heads, headSize, count);

        const difference = greatestDifference(attended(build, problem), expected(problem));

        expect(difference, `${heads} heads of ${headSize}, ${count} keys`).toBeLessThan(TOLERANCE);
      }
    },
  );

  test('one key is all there is to see', () => {
    const problem = randomCase(new RandomFloats(5), 3, 16, 1);

    const result = attended(build, problem);

    const value = rounded(problem.values, 16, 8191);
    const wanted = Float64Array.from([...value, ...value, ...value]);
    expect(greatestDifference(result, wanted)).toBeLessThan(1e-6);
  });

  test.each([
    ['in the first slice', 3],
    ['in a later slice', 300],
  ])('a score far above the others, %s, takes all the weight', (_where, winner) => {
    const problem = randomCase(new RandomFloats(6), 2, 16, 400);
    problem.keys.fill(-1000);
    problem.keys.fill(1000, winner * 16, (winner + 1) * 16);
    problem.queries.fill(10);

    const result = attended(build, problem);

    const value = rounded(problem.values.subarray(winner * 16, (winner + 1) * 16), 16, 8191);
    const wanted = Float64Array.from([...value, ...value]);
    expect(greatestDifference(result, wanted)).toBeLessThan(1e-6);
  });

  test('equal scores give the mean', () => {
    const problem = randomCase(new RandomFloats(7), 1, 16, 256);
    problem.queries.fill(0);

    expect(greatestDifference(attended(build, problem), expected(problem))).toBeLessThan(TOLERANCE);
  });

  test.each([16, 64, 128])(
    'the largest queries and keys of %i dimensions overflow nowhere',
    (size) => {
      const problem = randomCase(new RandomFloats(8), 4, size, 130);
      problem.queries.fill(1 / 64);
      problem.keys.fill(1);
      problem.values.fill(-1);

      const result = attended(build, problem);

      expect(greatestDifference(result, expected(problem))).toBeLessThan(TOLERANCE);
    },
  );

  test('values of zero and of any size are what they are', () => {
    const problem = randomCase(new RandomFloats(9), 2, 16, 8);
    problem.queries.fill(0);
    problem.values.fill(0);
    problem.values.fill(1e20, 0, 16);
    problem.values.fill(1e-35, 16, 32);

    const result = attended(build, problem).map((value) => value / 1e20);

    expect(greatestDifference(result, new Float64Array(32).fill(1 / 8))).toBeLessThan(1e-6);
  });
});
