import { describe, expect, test } from 'vitest';
import { attend } from '../../support/kernel-reference.ts';
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
  const [q, k, v] = [bench.floats(queries), bench.floats(keys), bench.floats(values)];
  bench.place(SLICE_KEYS * headSize * 4);
  const scores = bench.place(2 * SLICE_KEYS * 4);
  const stateBytes = kernels.stateBytes(headSize);
  const states = bench.place(heads * stateBytes);
  const others = bench.place(heads * stateBytes);
  const y = bench.place(heads * headSize * 4);

  for (let first = 0; first < count; first += SLICE_KEYS) {
    const seen = Math.min(SLICE_KEYS, count - first);
    const offset = first * headSize * 4;
    const to = first === 0 ? states : others;
    kernels.attendSlice(q, heads, k + offset, v + offset, seen, headSize, scores, to);
    for (let head = 0; first > 0 && head < heads; head++) {
      kernels.mergeStates(states + head * stateBytes, others + head * stateBytes, headSize);
    }
  }
  for (let head = 0; head < heads; head++) {
    kernels.finishState(states + head * stateBytes, headSize, y + head * headSize * 4);
  }
  return bench.readFloats(y, heads * headSize);
}

function expected({ heads, headSize, queries, keys, values }: Case): Float64Array {
  return Float64Array.from(
    Array.from({ length: heads }, (_, head) =>
      Array.from(attend(queries.subarray(head * headSize, (head + 1) * headSize), keys, values, 1)),
    ).flat(),
  );
}

/** Values are about 1 in size, so that this is a relative error as well. */
function greatestDifference(actual: Float32Array, wanted: Float64Array): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - Number(wanted[i]))));
}

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

        expect(difference, `${heads} heads of ${headSize}, ${count} keys`).toBeLessThan(3e-6);
      }
    },
  );

  test('one key is all there is to see', () => {
    const problem = randomCase(new RandomFloats(5), 3, 16, 1);

    const result = attended(build, problem);

    for (let head = 0; head < 3; head++) {
      expect(result.subarray(head * 16, (head + 1) * 16)).toEqual(problem.values);
    }
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

    const value = problem.values.subarray(winner * 16, (winner + 1) * 16);
    expect(result).toEqual(Float32Array.from([...value, ...value]));
  });

  test('equal scores give the mean', () => {
    const problem = randomCase(new RandomFloats(7), 1, 16, 256);
    problem.queries.fill(0);

    expect(greatestDifference(attended(build, problem), expected(problem))).toBeLessThan(1e-6);
  });
});
