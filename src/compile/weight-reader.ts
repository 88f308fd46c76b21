import { BLOCK_TYPES, type BlockType } from '../gguf/block-types.ts';
import { dequantize } from '../gguf/dequantize.ts';
import { ownScales } from '../gguf/own-scales.ts';
import type { GgufFile, TensorInfo } from '../gguf/read-gguf.ts';
import { present } from '../lib/assert.ts';
import type { ByteSource } from '../lib/bytes.ts';

/** About this much of the file is in memory at once, as stored. */
const BATCH_BYTES = 2 * 1024 * 1024;

export interface RowBatch {
  readonly firstRow: number;
  readonly rows: number;
  /** `[rows][columns]`, fp32; overwritten by the next batch. */
  readonly values: Float32Array;
  /** The file's own scale of each 32 weights, where they are integers times it; else null. */
  readonly scales: Float32Array | null;
}

/** The tensors of one GGUF as fp32 rows, a few megabytes at a time. A `[out, in]` weight has `out` rows. */
export class WeightReader {
  readonly #source: ByteSource;
  readonly #file: GgufFile;
  readonly #onBytes: (bytes: number) => Promise<void>;
  #values = new Float32Array(0);

  /** @param onBytes awaited after each read with its size: progress, and the place to stop by throwing */
  constructor(source: ByteSource, file: GgufFile, onBytes: (bytes: number) => Promise<void>) {
    this.#source = source;
    this.#file = file;
    this.#onBytes = onBytes;
  }

  has(name: string): boolean {
    return this.#file.tensors.has(name);
  }

  type(name: string): BlockType {
    return this.#info(name).type;
  }

  /** Inputs of a weight, that is the length of its rows. */
  columns(name: string): number {
    return rowLayout(this.#info(name)).columns;
  }

  /** All values of a small tensor, owned by the caller. */
  async vector(name: string): Promise<Float32Array> {
    const info = this.#info(name);
    const bytes = await this.#source.read(info.offset, info.byteLength);
    const values = new Float32Array(info.elements);
    dequantize(info.type, bytes, values);
    await this.#onBytes(info.byteLength);
    return values;
  }

  /** One row of a matrix, owned by the caller; does not count as progress. */
  async row(name: string, row: number): Promise<Float32Array> {
    const info = this.#info(name);
    const { columns, rowBytes } = rowLayout(info);
    const values = new Float32Array(columns);
    dequantize(info.type, await this.#source.read(info.offset + row * rowBytes, rowBytes), values);
    return values;
  }

  async *rows(name: string): AsyncGenerator<RowBatch> {
    const info = this.#info(name);
    const { columns, rowBytes } = rowLayout(info);
    const allRows = info.elements / columns;
    const batchRows = Math.max(1, Math.floor(BATCH_BYTES / rowBytes));
    for (let firstRow = 0; firstRow < allRows; firstRow += batchRows) {
      const rows = Math.min(batchRows, allRows - firstRow);
      const bytes = await this.#source.read(info.offset + firstRow * rowBytes, rows * rowBytes);
      if (this.#values.length < rows * columns) this.#values = new Float32Array(rows * columns);
      const values = this.#values.subarray(0, rows * columns);
      dequantize(info.type, bytes, values);
      yield { firstRow, rows, values, scales: ownScales(info.type, bytes) };
      await this.#onBytes(bytes.byteLength);
    }
  }

  #info(name: string): TensorInfo {
    return present(this.#file.tensors.get(name), `tensor ${name}`);
  }
}

function rowLayout(info: TensorInfo): { columns: number; rowBytes: number } {
  const columns = present(info.dims[0], `first dimension of ${info.name}`);
  const { elementsPerBlock, bytesPerBlock } = BLOCK_TYPES[info.type];
  return { columns, rowBytes: (columns / elementsPerBlock) * bytesPerBlock };
}
