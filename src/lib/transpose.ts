/** Square tiles keep both sides of a transposition in the cache. */
const TILE = 64;

/** `to[column][toColumn + row] = from[row][column]`, where `to` has `toStride` entries per row. */
export function transposeInto<T extends Int8Array | Uint8Array>(
  from: T,
  rows: number,
  columns: number,
  to: T,
  toStride: number,
  toColumn: number,
): void {
  for (let row0 = 0; row0 < rows; row0 += TILE) {
    const rowEnd = Math.min(rows, row0 + TILE);
    for (let column0 = 0; column0 < columns; column0 += TILE) {
      const columnEnd = Math.min(columns, column0 + TILE);
      for (let column = column0; column < columnEnd; column++) {
        let at = column * toStride + toColumn + row0;
        for (let row = row0; row < rowEnd; row++) to[at++] = from[row * columns + column] as number;
      }
    }
  }
}
