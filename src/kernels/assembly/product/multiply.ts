/** y += W x: all matrix products of the model. */
import { FORM_WORDS, packedRowBytes, TILE_ROWS } from '../activations';
import { BLOCK_COLUMNS, blocksOf, GROUP_ROWS, groupBytes, groupOf, Matrix, sumOf } from '../matrix';
import { multiplyHalves1, multiplyHalves2, multiplyHalves3, multiplyHalves4 } from './halves-tile';
import { multiplyWords1, multiplyWords2, multiplyWords3, multiplyWords4 } from './words-tile';

/** Up to so many rows of activations a product reads the weights once, in the order in which they lie. */
export const MAX_DECODE_ROWS: i32 = 8;

/** Rows of activations that go through a share of the weights together: so many of one block of columns fit a small second-level cache. */
const CHUNK_ROWS: i32 = 64;

/**
 * Adds the products of some of the weights' groups with all rows of activations.
 *
 * @param matrix [outputs][columns]
 * @param x packed activations [rows][columns] (activations.ts)
 * @param rowScales their scales, float32 [rows]
 * @param y float32 [rows][outputs], `yStride` bytes a row; the columns of the groups are added to
 * @param firstGroup the first group of four rows of weights
 * @param endGroup the one after the last
 */
export function multiply(
  matrix: usize,
  x: usize,
  rowScales: usize,
  rows: i32,
  y: usize,
  yStride: usize,
  firstGroup: i32,
  endGroup: i32,
  form: i32,
): void {
  const m = changetype<Matrix>(matrix);
  const blocks = blocksOf(m.paddedColumns);
  if (rows <= MAX_DECODE_ROWS) {
    for (let group = firstGroup; group < endGroup; group++) {
      for (let block = 0; block < blocks; block++) {
        for (let row = 0; row < rows; row += TILE_ROWS) {
          multiplyTile(m, group, block, x, rowScales, row, rows, y, yStride, form);
        }
      }
    }
    return;
  }
  for (let block = 0; block < blocks; block++) {
    for (let first = 0; first < rows; first += CHUNK_ROWS) {
      const end = min(rows, first + CHUNK_ROWS);
      for (let group = firstGroup; group < endGroup; group++) {
        for (let row = first; row < end; row += TILE_ROWS) {
          multiplyTile(m, group, block, x, rowScales, row, rows, y, yStride, form);
        }
      }
    }
  }
}

/** One group with one tile, from row `row` on, over one block of columns. */
function multiplyTile(
  m: Matrix,
  group: i32,
  block: i32,
  packed: usize,
  packedScales: usize,
  row: i32,
  rows: i32,
  yRows: usize,
  yStride: usize,
  form: i32,
): void {
  const tileRows = min(TILE_ROWS, rows - row);
  const firstColumn = block * BLOCK_COLUMNS;
  const columns = min(BLOCK_COLUMNS, m.paddedColumns - firstColumn) as usize;
  const w = groupOf(m, group) + ((firstColumn as usize) << 2);
  const end = w + (columns << 2);
  const x =
    packed +
    (row as usize) * packedRowBytes(m.paddedColumns) +
    (tileRows as usize) * packedRowBytes(firstColumn);
  const scales = m.scales + ((group as usize) << 4);
  const rowScales = packedScales + ((row as usize) << 2);
  const y = yRows + (row as usize) * yStride + ((group as usize) << 4);
  if (ASC_FEATURE_RELAXED_SIMD && form != FORM_WORDS) {
    const sums = sumOf(m, block, group * GROUP_ROWS);
    if (tileRows == 1) multiplyHalves1(w, end, x, scales, sums, rowScales, y);
    else if (tileRows == 2) multiplyHalves2(w, end, x, scales, sums, rowScales, y, yStride);
    else if (tileRows == 3) multiplyHalves3(w, end, x, scales, sums, rowScales, y, yStride);
    else multiplyHalves4(w, end, x, scales, sums, rowScales, y, yStride);
  } else {
    if (tileRows == 1) multiplyWords1(w, end, x, scales, rowScales, y);
    else if (tileRows == 2) multiplyWords2(w, end, x, scales, rowScales, y, yStride);
    else if (tileRows == 3) multiplyWords3(w, end, x, scales, rowScales, y, yStride);
    else multiplyWords4(w, end, x, scales, rowScales, y, yStride);
  }
}

/**
 * Groups of a share of the work: about 64 KiB of weights, long enough to be read at full speed, short enough to divide well; always whole
 * cache lines of y.
 */
export function groupsOfShare(matrix: usize): i32 {
  const groups = 65536 / (groupBytes(changetype<Matrix>(matrix)) as i32);
  return max(4, groups & ~3);
}
