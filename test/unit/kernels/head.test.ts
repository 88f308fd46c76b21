import { describe, expect, test } from 'vitest';
import { LEADERS } from '../../../src/engine/simd/kernel-exports.ts';
import { logSumExp } from '../../support/kernel-reference.ts';
import { Bench, BUILDS, type Build } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const LIST_BYTES = LEADERS * 8;

interface Leader {
  readonly id: number;
  readonly logit: number;
}

/** The leaders of some logits, which `lists` threads have taken in turns of `share`. */
function leadersOf(build: Build, logits: Float32Array, lists = 1, share = 16): readonly Leader[] {
  const bench = new Bench(build, 4);
  const { kernels } = bench;
  const at = bench.floats(logits);
  const first = bench.place(lists * LIST_BYTES);
  for (let list = 0; list < lists; list++) kernels.clearList(first + list * LIST_BYTES);
  for (let id = 0; id < logits.length; id += share) {
    const list = first + ((id / share) % lists) * LIST_BYTES;
    kernels.addLeaders(list, at + id * 4, Math.min(share, logits.length - id), id);
  }
  const ids = bench.place(LEADERS * 4);
  const values = bench.place(LEADERS * 4);
  kernels.mergeLists(first, lists, LIST_BYTES, ids, values);
  const found = bench.readFloats(values, LEADERS);
  return Array.from(bench.readInts(ids, LEADERS), (id, i) => ({ id, logit: found[i] as number }));
}

function sorted(logits: Float32Array): readonly Leader[] {
  const all = Array.from(logits, (logit, id) => ({ id, logit }));
  const best = all.sort((a, b) => b.logit - a.logit || a.id - b.id).slice(0, LEADERS);
  const none = { id: -1, logit: Number.NEGATIVE_INFINITY };
  return [...best, ...Array.from({ length: LEADERS - best.length }, () => none)];
}

/** The log of the normaliser, from parts of these sizes. */
function normaliserOf(build: Build, logits: Float32Array, part: number): number {
  const bench = new Bench(build, 4);
  const at = bench.floats(logits);
  const parts = Math.ceil(logits.length / part);
  const sums = bench.place(parts * 8);
  for (let i = 0; i < parts; i++) {
    const count = Math.min(part, logits.length - i * part);
    bench.kernels.sumOfPart(at + i * part * 4, count, sums + i * 8);
  }
  return bench.kernels.logNormaliser(sums, parts);
}

describe.each(BUILDS)('the head in the %s build', (build) => {
  test.each([Date.now() % 0x7fffffff, 1])(
    'finds the largest logits however threads share them (seed %i)',
    (seed) => {
      const random = new RandomFloats(seed);
      for (const [length, lists, share] of [
        [4, 1, 4],
        [64, 1, 64],
        [72, 3, 8],
        [4000, 1, 4000],
        [4096, 5, 128],
      ] as const) {
        const logits = random.floats(length, 4);

        expect(leadersOf(build, logits, lists, share)).toEqual(sorted(logits));
      }
    },
  );

  test.each([1, 4])('puts equal logits in the order of their ids, with %i lists', (lists) => {
    const logits = Float32Array.from({ length: 512 }, (_, id) => (id % 5 === 0 ? 3 : 1));

    expect(leadersOf(build, logits, lists)).toEqual(sorted(logits));
  });

  test.each(['rising', 'falling'])('takes %s logits', (order) => {
    const sign = order === 'rising' ? 1 : -1;
    const logits = Float32Array.from({ length: 512 }, (_, id) => sign * id);

    expect(leadersOf(build, logits, 2)).toEqual(sorted(logits));
  });

  test('never names what has no chance at all', () => {
    const logits = new Float32Array(128).fill(Number.NEGATIVE_INFINITY);
    logits[77] = -3e38;

    const [first, second] = leadersOf(build, logits);

    expect(first).toEqual({ id: 77, logit: Math.fround(-3e38) });
    expect(second).toEqual({ id: -1, logit: Number.NEGATIVE_INFINITY });
  });

  test.each([Date.now() % 0x7fffffff, 1])('sums what all tokens have (seed %i)', (seed) => {
    const random = new RandomFloats(seed);
    for (const [length, part, size] of [
      [4, 4, 1],
      [1000, 128, 5],
      [65_536, 1024, 3],
      [65_536, 1024, 40],
    ] as const) {
      const logits = random.floats(length, size);

      const distance = Math.abs(normaliserOf(build, logits, part) - logSumExp(logits));

      expect(distance).toBeLessThan(1e-6 * Math.max(1, Math.abs(logSumExp(logits))));
    }
  });

  test.each([0, 1e4, -1e4])('sums logits around %d', (offset) => {
    const logits = Float32Array.from({ length: 2048 }, (_, id) => offset + (id % 3));

    expect(normaliserOf(build, logits, 1024)).toBeCloseTo(logSumExp(logits), 2);
  });

  test('tokens without a chance do not count', () => {
    const logits = new Float32Array(128).fill(Number.NEGATIVE_INFINITY);
    logits.set([2, 2], 5);
    logits.set([2, 2], 100);

    expect(normaliserOf(build, logits, 64)).toBeCloseTo(2 + Math.log(4), 6);
  });
});
