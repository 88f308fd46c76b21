/** From a GGUF's blocks to the rows of a matrix. */
import { alignBytes, pad } from './align';
import { bytesOfElements, decodeFloats } from './blocks/decode';
import { BLOCK_COLUMNS, blocksOf, Matrix, rowOf, sumOf } from './matrix';
import { greatestLane, roundToInts } from './vectors';

const GREATEST: f32 = 127;

/** A row of which nothing is larger counts as zeros: no weight is so small, and its inverse is still in range. */
const TINY: f32 = 1e-30;

/** Bytes of `decodeRows`' scratch. */
export function rowScratchBytes(columns: i32): usize {
  return alignBytes((pad(columns) as usize) << 2);
}

/**
 * Writes rows of a matrix from as many rows of blocks: value ≈ int8 × scale, with scale = greatest / 127 and ties rounded to even.
 * Threads may write different rows at a time.
 *
 * @param from the first row's first block, at any address
 * @param scratch of `rowScratchBytes`
 */
export function decodeRows(
  ggmlType: i32,
  from: usize,
  matrix: usize,
  firstRow: i32,
  rows: i32,
  scratch: usize,
): void {
  const m = changetype<Matrix>(matrix);
  const bytes = bytesOfElements(ggmlType, m.columns);
  const padding = ((m.paddedColumns - m.columns) as usize) << 2;
  memory.fill(scratch + ((m.columns as usize) << 2), 0, padding);
  for (let row = firstRow; row < firstRow + rows; row++) {
    decodeFloats(ggmlType, from, m.columns, scratch);
    quantiseRow(m, row, scratch);
    from += bytes;
  }
}

/** @param values float32 [paddedColumns] */
function quantiseRow(m: Matrix, row: i32, values: usize): void {
  const end = values + ((m.paddedColumns as usize) << 2);
  let greatest4 = f32x4.splat(0);
  for (let p = values; p < end; p += 16) greatest4 = f32x4.pmax(greatest4, f32x4.abs(v128.load(p)));
  let greatest = greatestLane(greatest4);
  if (greatest < TINY) greatest = 0;
  f32.store(m.scales + ((row as usize) << 2), greatest / GREATEST);

  const inverse = f32x4.splat(greatest == 0 ? 0 : GREATEST / greatest);
  let to = rowOf(m, row);
  for (let block = 0; block < blocksOf(m.paddedColumns); block++) {
    const columns = min(BLOCK_COLUMNS, m.paddedColumns - block * BLOCK_COLUMNS);
    const blockEnd = values + ((columns as usize) << 2);
    let sum = i32x4.splat(0);
    for (; values < blockEnd; values += 16) {
      const integers = roundToInts(f32x4.mul(v128.load(values), inverse));
      sum = i32x4.add(sum, integers);
      const int16s = i16x8.narrow_i32x4_s(integers, integers);
      v128.store32_lane(to, i8x16.narrow_i16x8_s(int16s, int16s), 0);
      to += 16;
    }
    i32.store(sumOf(m, block, row), sumOfInts(sum));
  }
}

function sumOfInts(a: v128): i32 {
  return (
    i32x4.extract_lane(a, 0) +
    i32x4.extract_lane(a, 1) +
    i32x4.extract_lane(a, 2) +
    i32x4.extract_lane(a, 3)
  );
}
