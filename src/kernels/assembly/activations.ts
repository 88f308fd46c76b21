/**
 * Rows of activations as the products take them: 14-bit integers with one scale for each row; value = integer × scale. Fewer bits cost quality
 * (divergence from fp32 of next-token distributions, English prose: 0.0017 with 14 bits as with fp32, 0.014 with 8, 0.045 with 7; measured 2026-11-22).
 *
 * Rows lie in tiles of `TILE_ROWS`, the last tile with as many as are left, and a tile as `[columns / 4][rows of the tile][8 bytes]`. The eight
 * bytes are four columns in one of two forms, for there are two ways to multiply them with int8s:
 *
 * - `FORM_WORDS`: four int16s, for `i32x4.dot_i16x8_s`, which every WASM with SIMD has.
 * - `FORM_HALVES`: x + 8192 = 128 · high + low as four bytes of `high` and four of `low`, both 0 … 127, for
 *   `i32x4.relaxed_dot_i8x16_i7x16_add_s`, which is defined for seven bits on one side only. Where the CPU has an instruction for it (ARM's
 *   dot product, AVX-VNNI), it does four times the work; where it has none, words are faster.
 *
 * Both hold the same integers, so that products have the same bits in both.
 */
import { GROUP_ROWS } from './matrix';
import { greatestLane, roundToInts } from './vectors';

export const FORM_WORDS: i32 = 0;
export const FORM_HALVES: i32 = 1;

/** Most rows of activations that share one load of the weights; eight accumulators and the rest fit x64's 16 registers. */
export const TILE_ROWS: i32 = 4;

/** Largest absolute value of an activation's integer. */
const GREATEST: f32 = 8191;

/** A row of which nothing is larger counts as zeros; the inverse of what is larger is still in range. */
const TINY: f32 = 1e-30;

/** Bytes of one row, whatever the form. */
export function packedRowBytes(paddedColumns: i32): usize {
  return (paddedColumns as usize) << 1;
}

/** Rows in the tile that row `row` is in, of `rows` in all. */
export function rowsOfTile(row: i32, rows: i32): i32 {
  return min(TILE_ROWS, rows - (row & ~(TILE_ROWS - 1)));
}

/** Address of the first eight bytes of a row. */
export function packedRow(packed: usize, row: i32, paddedColumns: i32): usize {
  const tile = (row & ~(TILE_ROWS - 1)) as usize;
  return packed + tile * packedRowBytes(paddedColumns) + (((row % TILE_ROWS) as usize) << 3);
}

/**
 * Writes one row of `rows`.
 *
 * @param x float32 [paddedColumns], zeros in the padding
 * @param packed all the rows
 * @param scales float32 [rows], of which this row's is written
 */
export function packRow(
  x: usize,
  paddedColumns: i32,
  packed: usize,
  scales: usize,
  row: i32,
  rows: i32,
  form: i32,
): void {
  let greatest = greatestOf(x, paddedColumns);
  if (greatest < TINY) greatest = 0;
  f32.store(scales + ((row as usize) << 2), greatest / GREATEST);
  const inverse = f32x4.splat(greatest == 0 ? 0 : GREATEST / greatest);
  const step = (rowsOfTile(row, rows) as usize) << 3;
  const end = x + ((paddedColumns as usize) << 2);
  let to = packedRow(packed, row, paddedColumns);
  for (let from = x; from < end; from += 4 * GROUP_ROWS) {
    const integers = roundToInts(f32x4.mul(v128.load(from), inverse));
    v128.store64_lane(to, form == FORM_WORDS ? words(integers) : halves(integers), 0);
    to += step;
  }
}

function greatestOf(x: usize, paddedColumns: i32): f32 {
  let greatest = f32x4.splat(0);
  const end = x + ((paddedColumns as usize) << 2);
  for (; x < end; x += 16) greatest = f32x4.pmax(greatest, f32x4.abs(v128.load(x)));
  return greatestLane(greatest);
}

function words(integers: v128): v128 {
  return i16x8.narrow_i32x4_s(integers, integers);
}

function halves(integers: v128): v128 {
  const positive = i32x4.add(integers, i32x4.splat(8192));
  const high = i32x4.shr_u(positive, 7);
  const low = v128.and(positive, i32x4.splat(127));
  const both = i16x8.narrow_i32x4_s(high, low);
  return i8x16.narrow_i16x8_u(both, both);
}
