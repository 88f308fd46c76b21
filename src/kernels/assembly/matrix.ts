/**
 * A weight matrix [rows][columns]: int8, with a float32 scale for each row; value = int8 × scale.
 *
 * Both sizes are padded with zeros to multiples of 16. Rows lie in groups of four, and a group as
 * `[columns / 4][4 rows][4 columns]`: 16 bytes are four columns of four rows. A product with one row of activations then reads a matrix
 * from its first byte to its last, as fast as memory goes (four rows far apart were measured two to four times slower), and needs no
 * sum across a vector.
 *
 * Products take the columns in blocks of `BLOCK_COLUMNS`, so that sums stay inside 32 bits (tile.ts) and the activations
 * of a block inside a cache.
 */
import { alignBytes, pad } from './align';

export const GROUP_ROWS: i32 = 4;
export const BLOCK_COLUMNS: i32 = 1024;
const HEADER_BYTES: usize = 64;

/** What stands before the int8s. */
@unmanaged
export class Matrix {
  rows: i32;
  columns: i32;
  /** Groups of four rows, padding included. */
  groups: i32;
  paddedColumns: i32;
  /** Address of float32 [paddedRows]. */
  scales: usize;
  /** Address of int32 [blocks of columns][paddedRows]: sums of the int8s. */
  sums: usize;
}

export function matrixBytes(rows: i32, columns: i32): usize {
  const paddedRows = pad(rows) as usize;
  const int8s = paddedRows * (pad(columns) as usize);
  const blocks = blocksOf(pad(columns)) as usize;
  return HEADER_BYTES + alignBytes(int8s) + paddedRows * 4 * (1 + blocks);
}

/** Makes an empty matrix. Its padding is zero from now on; the rest is whatever the memory held. */
export function createMatrix(matrix: usize, rows: i32, columns: i32): void {
  const m = changetype<Matrix>(matrix);
  const paddedRows = pad(rows);
  m.rows = rows;
  m.columns = columns;
  m.groups = paddedRows / GROUP_ROWS;
  m.paddedColumns = pad(columns);
  m.scales = int8sOf(m) + alignBytes((paddedRows as usize) * (m.paddedColumns as usize));
  m.sums = m.scales + ((paddedRows as usize) << 2);
  for (let row = rows & ~(GROUP_ROWS - 1); row < paddedRows; row += GROUP_ROWS) {
    memory.fill(groupOf(m, row / GROUP_ROWS), 0, groupBytes(m));
  }
  memory.fill(m.scales + ((rows as usize) << 2), 0, ((paddedRows - rows) as usize) << 2);
  for (let block = 0; block < blocksOf(m.paddedColumns); block++) {
    const sums = m.sums + (((block * paddedRows + rows) as usize) << 2);
    memory.fill(sums, 0, ((paddedRows - rows) as usize) << 2);
  }
}

/** Address of the int8s. */
function int8sOf(m: Matrix): usize {
  return changetype<usize>(m) + HEADER_BYTES;
}

export function groupBytes(m: Matrix): usize {
  return (m.paddedColumns as usize) << 2;
}

/** Address of a group of four rows. */
export function groupOf(m: Matrix, group: i32): usize {
  return int8sOf(m) + (group as usize) * groupBytes(m);
}

/** Address of the first four bytes of a row; the next four are 16 bytes on. */
export function rowOf(m: Matrix, row: i32): usize {
  return groupOf(m, row / GROUP_ROWS) + (((row % GROUP_ROWS) as usize) << 2);
}

/** Address of the sum of one row's int8s in one block of columns. */
export function sumOf(m: Matrix, block: i32, row: i32): usize {
  return m.sums + (((block * m.groups * GROUP_ROWS + row) as usize) << 2);
}

/** Blocks that so many columns make. */
export function blocksOf(columns: i32): i32 {
  return (columns + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
}
