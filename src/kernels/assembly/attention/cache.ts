/**
 * The KV cache of one head: keys, or values, as int16s with a float32 scale for each position; value = int16 × scale. It takes half the memory of
 * float32, one instruction multiplies eight, and at 14 bits it is as close to float32 as float16 is where it matters, at the largest.
 *
 * A key is a row of four of a matrix (matrix.ts): groups of four positions, `[headSize / 4][4 positions][4 dimensions]`, for scores are a product
 * with queries. A value is half of a pair of positions, `[headSize][2 positions]`, for the sum over values runs along positions.
 * Behind the int16s of all positions stand their scales.
 */
import { pad } from '../align';
import { greatestLane, roundToInts } from '../vectors';

const GREATEST: i32 = 8191;

/** A row of which nothing is larger counts as zeros; the inverse of what is larger is still in range. */
const TINY: f32 = 1e-30;

/** Bytes of one head's keys, or of its values, with room for so many positions. */
export function headCacheBytes(positions: i32, headSize: i32): usize {
  return (pad(positions) as usize) * (positionBytes(headSize) + 4);
}

/** Address of the group or pair that begins at `position`, a multiple of four. */
export function cacheFrom(cache: usize, position: i32, headSize: i32): usize {
  return cache + (position as usize) * positionBytes(headSize);
}

/** Address of the scale of `position`, those of the next behind it. */
export function scalesFrom(cache: usize, position: i32, positions: i32, headSize: i32): usize {
  return cacheFrom(cache, pad(positions), headSize) + ((position as usize) << 2);
}

/** Bytes of one position. */
export function positionBytes(headSize: i32): usize {
  return (headSize as usize) << 1;
}

/**
 * Stores a rotated key.
 *
 * @param key float32 [headSize]
 * @param positions how many the cache has room for
 */
export function storeKey(
  cache: usize,
  key: usize,
  position: i32,
  positions: i32,
  headSize: i32,
): void {
  // Half of 64 dimensions of queries' and keys' 14 bits stay below 2³¹ (attend-slice.ts); longer heads get fewer.
  const most = headSize > 64 ? (GREATEST * 64) / headSize : GREATEST;
  const inverse = storeScale(scalesFrom(cache, position, positions, headSize), key, headSize, most);
  const end = key + ((headSize as usize) << 2);
  let to = keyAt(cache, position, headSize);
  for (; key < end; key += 16) {
    v128.store64_lane(to, integersAt(key, inverse), 0);
    to += 32;
  }
}

/** Stores a value. */
export function storeValue(
  cache: usize,
  value: usize,
  position: i32,
  positions: i32,
  headSize: i32,
): void {
  const scale = scalesFrom(cache, position, positions, headSize);
  const inverse = storeScale(scale, value, headSize, GREATEST);
  const end = value + ((headSize as usize) << 2);
  let to = valueAt(cache, position, headSize);
  for (; value < end; value += 16) {
    const integers = integersAt(value, inverse);
    v128.store16_lane(to, integers, 0);
    v128.store16_lane(to, integers, 1, 4);
    v128.store16_lane(to, integers, 2, 8);
    v128.store16_lane(to, integers, 3, 12);
    to += 16;
  }
}

/** Address of the first four dimensions of a key; the next are 32 bytes on. */
export function keyAt(cache: usize, position: i32, headSize: i32): usize {
  return cacheFrom(cache, position & ~3, headSize) + (((position & 3) as usize) << 3);
}

/** Address of the first dimension of a value; the next is 4 bytes on. */
export function valueAt(cache: usize, position: i32, headSize: i32): usize {
  return cacheFrom(cache, position & ~1, headSize) + (((position & 1) as usize) << 1);
}

/** @returns what a row is multiplied with to become integers */
function storeScale(scale: usize, row: usize, headSize: i32, most: i32): f32 {
  const end = row + ((headSize as usize) << 2);
  let greatest4 = f32x4.splat(0);
  for (; row < end; row += 16) greatest4 = f32x4.pmax(greatest4, f32x4.abs(v128.load(row)));
  let greatest = greatestLane(greatest4);
  if (greatest < TINY) greatest = 0;
  f32.store(scale, greatest / (most as f32));
  return greatest == 0 ? 0 : (most as f32) / greatest;
}

/** Four int16s in the lower half. */
function integersAt(at: usize, inverse: f32): v128 {
  const int32s = roundToInts(f32x4.mul(v128.load(at), f32x4.splat(inverse)));
  return i16x8.narrow_i32x4_s(int32s, int32s);
}
