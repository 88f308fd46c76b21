/**
 * Attention of one row's query heads to one slice of the keys that they share (grouped-query attention, arXiv 2305.13245). Slices begin at
 * multiples of `SLICE_KEYS`, whoever asks: so a row gets the same bits alone and among others, on one thread and on many.
 */
import { exp4 } from '../exponential';
import { greatestLane, sumOfEach, sumOfLanes } from '../vectors';
import { stateBytes } from './state';

/** 32 KiB of keys of 64 dimensions, and as much of values: they stay in a cache while the heads take turns. */
export const SLICE_KEYS: i32 = 128;

/** Scores of one head. */
const HEAD_SCORES_BYTES: usize = 128 * 4;

/** Bytes of `attendSlice`'s scratch: the scores of the two heads that share each load of a key or value. */
export const SCORES_BYTES: usize = 2 * HEAD_SCORES_BYTES;

/**
 * @param queries float32 [heads][headSize], rotated and divided by √headSize; headSize a multiple of 16
 * @param keys float32 [count][headSize]
 * @param values likewise
 * @param count keys of the slice that the row sees, 1 … `SLICE_KEYS`
 * @param scores of `SCORES_BYTES`, for this thread alone
 * @param states one for each head, written (state.ts)
 */
export function attendSlice(
  queries: usize,
  heads: i32,
  keys: usize,
  values: usize,
  count: i32,
  headSize: i32,
  scores: usize,
  states: usize,
): void {
  const headBytes = (headSize as usize) << 2;
  let left = heads;
  for (; left >= 2; left -= 2) {
    attendTwo(queries, keys, values, count, headSize, scores, states);
    queries += 2 * headBytes;
    states += 2 * stateBytes(headSize);
  }
  if (left == 1) attendOne(queries, keys, values, count, headSize, scores, states);
}

function attendTwo(
  queries: usize,
  keys: usize,
  values: usize,
  count: i32,
  headSize: i32,
  scores: usize,
  states: usize,
): void {
  Heads.score(2, queries, keys, count, headSize, scores);
  weigh(scores, count, headSize, states);
  weigh(scores + HEAD_SCORES_BYTES, count, headSize, states + stateBytes(headSize));
  Heads.sumValues(2, scores, values, count, headSize, states);
}

function attendOne(
  query: usize,
  keys: usize,
  values: usize,
  count: i32,
  headSize: i32,
  scores: usize,
  state: usize,
): void {
  Heads.score(1, query, keys, count, headSize, scores);
  weigh(scores, count, headSize, state);
  Heads.sumValues(1, scores, values, count, headSize, state);
}

/** scores ← e^(score − m), and m and their sum into the state. */
function weigh(scores: usize, count: i32, headSize: i32, state: usize): void {
  const end = scores + ((count as usize) << 2);
  const paddedEnd = (end + 15) & ~15;
  for (let p = end; p < paddedEnd; p += 4) f32.store(p, -Infinity);
  let most = v128.load(scores);
  for (let p = scores + 16; p < end; p += 16) most = f32x4.max(most, v128.load(p));
  const greatest = greatestLane(most);
  let sum = f32x4.splat(0);
  for (let p = scores; p < end; p += 16) {
    const weight = exp4(f32x4.sub(v128.load(p), f32x4.splat(greatest)));
    v128.store(p, weight);
    sum = f32x4.add(sum, weight);
  }
  const ending = state + ((headSize as usize) << 2);
  f32.store(ending, greatest);
  f32.store(ending, sumOfLanes(sum), 4);
}

/** A class only because its methods can be inlined by force: `heads` is then a constant, and what one head does not need falls away. */
abstract class Heads {
  /** scores float32 [heads][`SLICE_KEYS`] ← query · key. Four keys at a time; beyond the last, the last again. */
  @inline
  static score(
    heads: i32,
    queries: usize,
    keys: usize,
    count: i32,
    headSize: i32,
    scores: usize,
  ): void {
    const bytes = (headSize as usize) << 2;
    const last = keys + ((count - 1) as usize) * bytes;
    for (let k0 = keys; k0 <= last; k0 += 4 * bytes) {
      const k1 = min(k0 + bytes, last);
      const k2 = min(k0 + 2 * bytes, last);
      const k3 = min(k0 + 3 * bytes, last);
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      for (let i: usize = 0; i < bytes; i += 16) {
        const key0 = v128.load(k0 + i);
        const key1 = v128.load(k1 + i);
        const key2 = v128.load(k2 + i);
        const key3 = v128.load(k3 + i);
        const a = v128.load(queries + i);
        a0 = f32x4.add(a0, f32x4.mul(a, key0));
        a1 = f32x4.add(a1, f32x4.mul(a, key1));
        a2 = f32x4.add(a2, f32x4.mul(a, key2));
        a3 = f32x4.add(a3, f32x4.mul(a, key3));
        if (heads > 1) {
          const b = v128.load(queries + bytes + i);
          b0 = f32x4.add(b0, f32x4.mul(b, key0));
          b1 = f32x4.add(b1, f32x4.mul(b, key1));
          b2 = f32x4.add(b2, f32x4.mul(b, key2));
          b3 = f32x4.add(b3, f32x4.mul(b, key3));
        }
      }
      v128.store(scores, sumOfEach(a0, a1, a2, a3));
      if (heads > 1) v128.store(scores + HEAD_SCORES_BYTES, sumOfEach(b0, b1, b2, b3));
      scores += 16;
    }
  }

  /** states ← Σ weight · value, sixteen dimensions at a time. */
  @inline
  static sumValues(
    heads: i32,
    weights: usize,
    values: usize,
    count: i32,
    headSize: i32,
    states: usize,
  ): void {
    const bytes = (headSize as usize) << 2;
    const end = weights + ((count as usize) << 2);
    for (let i: usize = 0; i < bytes; i += 64) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      let v = values + i;
      for (let w = weights; w < end; w += 4) {
        const v0 = v128.load(v);
        const v1 = v128.load(v, 16);
        const v2 = v128.load(v, 32);
        const v3 = v128.load(v, 48);
        const a = v128.load32_splat(w);
        a0 = f32x4.add(a0, f32x4.mul(a, v0));
        a1 = f32x4.add(a1, f32x4.mul(a, v1));
        a2 = f32x4.add(a2, f32x4.mul(a, v2));
        a3 = f32x4.add(a3, f32x4.mul(a, v3));
        if (heads > 1) {
          const b = v128.load32_splat(w + HEAD_SCORES_BYTES);
          b0 = f32x4.add(b0, f32x4.mul(b, v0));
          b1 = f32x4.add(b1, f32x4.mul(b, v1));
          b2 = f32x4.add(b2, f32x4.mul(b, v2));
          b3 = f32x4.add(b3, f32x4.mul(b, v3));
        }
        v += bytes;
      }
      store4(states + i, a0, a1, a2, a3);
      if (heads > 1) store4(states + stateBytes(headSize) + i, b0, b1, b2, b3);
    }
  }
}

function store4(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}
