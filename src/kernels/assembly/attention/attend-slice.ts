/**
 * Attention of one row's query heads to one slice of the keys that they share (grouped-query attention, arXiv 2305.13245). Slices begin at
 * multiples of `SLICE_KEYS`, whoever asks: so a row gets the same bits alone and among others, on one thread and on many.
 *
 * Both products are of integers and exact; queries, keys, values and weights are rounded to 13 bits or more before.
 */
import { packedRowBytes, rowsOfTile, TILE_ROWS } from '../activations';
import { exp4 } from '../exponential';
import { greatestLane, roundToInts, sumOfLanes } from '../vectors';
import { positionBytes } from './cache';
import { stateBytes } from './state';

/** 16 KiB of keys of 64 dimensions, and as much of values: they stay in the nearest cache while heads and rows take turns. */
export const SLICE_KEYS: i32 = 128;

/** One head's scores, float32. */
const SCORES_BYTES: usize = 128 * 4;
/** One head's weights, int16. */
const WEIGHTS_BYTES: usize = 128 * 2;
/** What the weights' integers are to be multiplied with, float32 [4]. */
const UNITS_BYTES: usize = 64;

/** Bytes of `attendSlice`'s scratch. */
export const ATTEND_SCRATCH_BYTES: usize = 4 * SCORES_BYTES + 4 * WEIGHTS_BYTES + UNITS_BYTES;

/** Most of a weight's integer, and of the sum of a slice's: times 8191, the most of a value's, it stays below 2³¹. */
const GREATEST_WEIGHT: f32 = 32767;
const GREATEST_WEIGHTS: f32 = 262000;

/**
 * @param queries [heads][headSize], rotated, divided by √headSize, packed as words (activations.ts)
 * @param queryScales float32 [heads]
 * @param keys the slice's first group (cache.ts); keyScales float32, of the slice's first key
 * @param values the slice's first pair; valueScales likewise
 * @param count keys of the slice that the row sees, 1 … `SLICE_KEYS`
 * @param scratch of `ATTEND_SCRATCH_BYTES`, for this thread alone
 * @param states one for each head, written (state.ts)
 */
export function attendSlice(
  queries: usize,
  queryScales: usize,
  heads: i32,
  keys: usize,
  keyScales: usize,
  values: usize,
  valueScales: usize,
  count: i32,
  headSize: i32,
  scratch: usize,
  states: usize,
): void {
  const weights = scratch + 4 * SCORES_BYTES;
  const units = weights + 4 * WEIGHTS_BYTES;
  for (let head = 0; head < heads; head += TILE_ROWS) {
    const tile = rowsOfTile(head, heads);
    const q = queries + (head as usize) * packedRowBytes(headSize);
    const s = queryScales + ((head as usize) << 2);
    score(tile, q, s, keys, keyScales, count, headSize, scratch);
    const first = states + (head as usize) * stateBytes(headSize);
    for (let i = 0; i < tile; i++) {
      const scores = scratch + (i as usize) * SCORES_BYTES;
      const to = weights + (i as usize) * WEIGHTS_BYTES;
      const state = first + (i as usize) * stateBytes(headSize);
      weigh(scores, valueScales, count, to, units + ((i as usize) << 2), headSize, state);
    }
    sumValues(tile, weights, units, values, count, headSize, first);
  }
}

function score(
  heads: i32,
  queries: usize,
  queryScales: usize,
  keys: usize,
  keyScales: usize,
  count: i32,
  headSize: i32,
  scores: usize,
): void {
  if (heads == 1) Tile.score(1, queries, queryScales, keys, keyScales, count, headSize, scores);
  else if (heads == 2)
    Tile.score(2, queries, queryScales, keys, keyScales, count, headSize, scores);
  else if (heads == 3)
    Tile.score(3, queries, queryScales, keys, keyScales, count, headSize, scores);
  else Tile.score(4, queries, queryScales, keys, keyScales, count, headSize, scores);
}

function sumValues(
  heads: i32,
  weights: usize,
  units: usize,
  values: usize,
  count: i32,
  headSize: i32,
  states: usize,
): void {
  if (heads == 1) Tile.sumValues(1, weights, units, values, count, headSize, states);
  else if (heads == 2) Tile.sumValues(2, weights, units, values, count, headSize, states);
  else if (heads == 3) Tile.sumValues(3, weights, units, values, count, headSize, states);
  else Tile.sumValues(4, weights, units, values, count, headSize, states);
}

/**
 * From one head's scores to the weights of the values: e^(score − m) · the value's scale, as int16s that are to be multiplied with `unit`. Into the
 * state go m and the sum of e^(score − m).
 */
function weigh(
  scores: usize,
  valueScales: usize,
  count: i32,
  weights: usize,
  unit: usize,
  headSize: i32,
  state: usize,
): void {
  // What the last group of four has beyond the count is whatever the cache held.
  const end = scores + ((count as usize) << 2);
  const paddedEnd = (end + 15) & ~15;
  for (let p = end; p < paddedEnd; p += 4) f32.store(p, -Infinity);

  let most = v128.load(scores);
  for (let p = scores + 16; p < end; p += 16) most = f32x4.pmax(most, v128.load(p));
  const greatest = f32x4.splat(greatestLane(most));
  let sum = f32x4.splat(0);
  let weightSum = sum;
  let mostWeight = sum;
  for (let p = scores; p < end; p += 16) {
    const s = v128.load(p);
    const exponential = exp4(f32x4.sub(s, greatest));
    sum = f32x4.add(sum, exponential);
    const weight = f32x4.mul(exponential, v128.load(valueScales + (p - scores)));
    const seen = v128.and(weight, f32x4.gt(s, f32x4.splat(-Infinity)));
    v128.store(p, seen);
    weightSum = f32x4.add(weightSum, seen);
    mostWeight = f32x4.pmax(mostWeight, seen);
  }
  const ending = state + ((headSize as usize) << 2);
  f32.store(ending, f32x4.extract_lane(greatest, 0));
  f32.store(ending, sumOfLanes(sum), 4);

  const total = sumOfLanes(weightSum);
  const ratio = min(GREATEST_WEIGHT / greatestLane(mostWeight), GREATEST_WEIGHTS / total);
  const factor: f32 = total > 0 ? ratio : 0;
  f32.store(unit, factor > 0 ? 1 / factor : 0);
  for (let p = scores; p < end; p += 16) {
    const int32s = roundToInts(f32x4.mul(v128.load(p), f32x4.splat(factor)));
    v128.store64_lane(weights, i16x8.narrow_i32x4_s(int32s, int32s), 0);
    weights += 8;
  }
}

/** A class only because its methods can be inlined by force: `heads` is then a constant, 1–4, and what fewer heads do not need falls away. */
abstract class Tile {
  /** scores float32 [heads][`SLICE_KEYS`] ← query · key, four keys at a time: each has two lanes, for two halves of its dimensions. */
  @inline
  static score(
    heads: i32,
    queries: usize,
    queryScales: usize,
    keys: usize,
    keyScales: usize,
    count: i32,
    headSize: i32,
    scores: usize,
  ): void {
    const endOfScores = scores + ((count as usize) << 2);
    const groupBytes = positionBytes(headSize) << 2;
    while (scores < endOfScores) {
      let a0 = i32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      let q = queries;
      const end = keys + groupBytes;
      while (keys < end) {
        const u = v128.load(keys);
        const v = v128.load(keys, 16);
        const q0 = v128.load64_splat(q);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(u, q0));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v, q0));
        if (heads > 1) {
          const q1 = v128.load64_splat(q, 8);
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(u, q1));
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(v, q1));
        }
        if (heads > 2) {
          const q2 = v128.load64_splat(q, 16);
          a2 = i32x4.add(a2, i32x4.dot_i16x8_s(u, q2));
          b2 = i32x4.add(b2, i32x4.dot_i16x8_s(v, q2));
        }
        if (heads > 3) {
          const q3 = v128.load64_splat(q, 24);
          a3 = i32x4.add(a3, i32x4.dot_i16x8_s(u, q3));
          b3 = i32x4.add(b3, i32x4.dot_i16x8_s(v, q3));
        }
        keys += 32;
        q += (heads as usize) << 3;
      }
      const scale = v128.load(keyScales);
      storeScores(scores, a0, b0, scale, queryScales);
      if (heads > 1) storeScores(scores + SCORES_BYTES, a1, b1, scale, queryScales + 4);
      if (heads > 2) storeScores(scores + 2 * SCORES_BYTES, a2, b2, scale, queryScales + 8);
      if (heads > 3) storeScores(scores + 3 * SCORES_BYTES, a3, b3, scale, queryScales + 12);
      scores += 16;
      keyScales += 16;
    }
  }

  /** The states' sums ← Σ weight · value · unit, eight dimensions and two positions at a time. */
  @inline
  static sumValues(
    heads: i32,
    weights: usize,
    units: usize,
    values: usize,
    count: i32,
    headSize: i32,
    states: usize,
  ): void {
    const end = weights + ((count as usize) << 1);
    const pairBytes = positionBytes(headSize) << 1;
    for (let i: usize = 0; i < pairBytes; i += 32) {
      let a0 = i32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      let pair = values + i;
      for (let w = weights; w < end; w += 4) {
        const u = v128.load(pair);
        const v = v128.load(pair, 16);
        const w0 = v128.load32_splat(w);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(u, w0));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v, w0));
        if (heads > 1) {
          const w1 = v128.load32_splat(w + WEIGHTS_BYTES);
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(u, w1));
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(v, w1));
        }
        if (heads > 2) {
          const w2 = v128.load32_splat(w + 2 * WEIGHTS_BYTES);
          a2 = i32x4.add(a2, i32x4.dot_i16x8_s(u, w2));
          b2 = i32x4.add(b2, i32x4.dot_i16x8_s(v, w2));
        }
        if (heads > 3) {
          const w3 = v128.load32_splat(w + 3 * WEIGHTS_BYTES);
          a3 = i32x4.add(a3, i32x4.dot_i16x8_s(u, w3));
          b3 = i32x4.add(b3, i32x4.dot_i16x8_s(v, w3));
        }
        pair += pairBytes;
      }
      const bytes = stateBytes(headSize);
      storeSums(states + i, a0, b0, units);
      if (heads > 1) storeSums(states + bytes + i, a1, b1, units + 4);
      if (heads > 2) storeSums(states + 2 * bytes + i, a2, b2, units + 8);
      if (heads > 3) storeSums(states + 3 * bytes + i, a3, b3, units + 12);
    }
  }
}

/** Four scores from lanes that have half of each: converted first, for their sum might pass 2³¹. */
function storeScores(to: usize, a: v128, b: v128, scale: v128, queryScale: usize): void {
  const low = f32x4.convert_i32x4_s(a);
  const high = f32x4.convert_i32x4_s(b);
  const dots = f32x4.add(
    v128.shuffle<f32>(low, high, 0, 2, 4, 6),
    v128.shuffle<f32>(low, high, 1, 3, 5, 7),
  );
  v128.store(to, f32x4.mul(dots, f32x4.mul(scale, v128.load32_splat(queryScale))));
}

function storeSums(to: usize, a: v128, b: v128, unit: usize): void {
  const u = v128.load32_splat(unit);
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(a), u));
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(b), u), 16);
}
