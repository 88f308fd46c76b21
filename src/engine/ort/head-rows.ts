import type { SyncByteSource } from '../../lib/bytes.ts';
import { transposeInto } from '../../lib/transpose.ts';

/** Rows read at once while turning a slice of the head: about a megabyte for a width of 896. */
const ROWS_AT_ONCE = 1024;

/**
 * The one matrix that is both embedding and head: `rows` rows of `width` int8 on disk, a scale per row.
 * The embedding reads rows where they lie; ORT gets them turned, `[width, rowsPerPart]` slice by slice.
 */
export class HeadRows {
  readonly rows: number;
  readonly width: number;
  readonly rowsPerPart: number;
  readonly #file: SyncByteSource;
  readonly #offset: number;
  readonly #scales: Float32Array;
  readonly #row: Int8Array;

  /** @param layout byte offsets in `file` */
  constructor(
    file: SyncByteSource,
    layout: { readonly rowsOffset: number; readonly scalesOffset: number },
    rows: number,
    width: number,
    rowsPerPart: number,
  ) {
    this.#file = file;
    this.#offset = layout.rowsOffset;
    this.rows = rows;
    this.width = width;
    this.rowsPerPart = rowsPerPart;
    const scales = new Uint8Array(rows * 4);
    file.readInto(layout.scalesOffset, scales);
    this.#scales = new Float32Array(scales.buffer);
    this.#row = new Int8Array(width);
  }

  get totalBytes(): number {
    return this.rows * this.width;
  }

  /** Dequantises the row of a token into `target[at … at + width)`. */
  embed(token: number, target: Float32Array, at: number): void {
    const row = this.#row;
    this.#file.readInto(this.#offset + token * this.width, asBytes(row));
    const scale = this.#scales[token] ?? 0;
    for (let i = 0; i < row.length; i++) target[at + i] = (row[i] as number) * scale;
  }

  /** One whole transposed slice, as the compiler names it: `target` is `[width, rows of that slice]`. */
  readTransposed(offset: number, target: Uint8Array): void {
    const firstRow = offset / this.width;
    const rows = target.length / this.width;
    if (firstRow % this.rowsPerPart !== 0 || !Number.isInteger(rows)) {
      throw new RangeError('the head is read slice by slice');
    }
    const batch = new Uint8Array(ROWS_AT_ONCE * this.width);
    for (let done = 0; done < rows; done += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - done);
      const bytes = batch.subarray(0, count * this.width);
      this.#file.readInto(this.#offset + (firstRow + done) * this.width, bytes);
      transposeInto(bytes, count, this.width, target, rows, done);
    }
  }
}

function asBytes(values: Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
