/**
 * Linear layers for ORT's WebGPU build: rows of integer blocks of 32 weights that share a scale, as `MatMulNBits` and
 * `GatherBlockQuantized` read them. Integers of the source go over as they are, whatever their bits; other sources are
 * rounded. How integers become bytes is the form's: four bits or eight.
 *
 * Blocks of 32 since ORT's fast kernel for prompts takes no others (WideTile, onnxruntime 1.31-dev). No
 * `accuracy_level`: 4 would round activations to int8 on GPUs, which no CPU run shows.
 */
import { present } from '../../lib/assert.ts';
import { halfToFloat } from '../../gguf/dequantize/half.ts';
import { toHalf } from '../../lib/half.ts';
import { floatBytes, type GraphBuilder } from '../graph-builder.ts';
import type { Initializer } from '../onnx.ts';
import type { WeightFile } from '../weight-file.ts';
import type { RowBatch, WeightReader } from '../weight-reader.ts';

export const BLOCK_SIZE = 32;

/** How integers are stored. */
export interface BlockForm {
  readonly bits: 4 | 8;
  /** `[weights]` int8 within the form's bits to `[weights × bits / 8]` bytes. */
  pack(integers: Int8Array, bytes: Uint8Array): void;
}

/** A matrix in the graph, cut along its outputs so that no tensor is too large for a GPU's binding. */
export interface BlockMatrix {
  readonly form: BlockForm;
  readonly inputs: number;
  readonly parts: readonly BlockPart[];
}

export interface BlockPart {
  readonly firstRow: number;
  /** Outputs of the matrix that lie here. */
  readonly rows: number;
  /** Initializer, uint8 `[rows, inputs / 32, bytes of a block]`. */
  readonly blocks: string;
  /** Where `[rows × inputs / 32]` scales of the graph's float type are. Each operator wants them in a shape of its own. */
  readonly scales: Exclude<Initializer['data'], Uint8Array>;
}

/** Rows of a tensor that holds at most `maxTensorBytes`; equal parts but for the last. */
export function rowsPerPart(rows: number, rowBytes: number, maxTensorBytes: number): number {
  const most = Math.floor(maxTensorBytes / rowBytes);
  if (most === 0) throw new RangeError(`rows of ${rowBytes} bytes in ${maxTensorBytes}`);
  const even = Math.ceil(rows / Math.ceil(rows / most));
  const aligned = Math.ceil(even / ROW_ALIGNMENT) * ROW_ALIGNMENT;
  return aligned <= most ? aligned : even;
}

/** Kernels write four outputs at once, and tiles of 64 come out even. */
const ROW_ALIGNMENT = 64;

/**
 * Appends matrices that share an input, one below the other, to `weights.bin`.
 *
 * @param names tensors of the GGUF, in the order of their outputs
 */
export async function writeBlocks(
  g: GraphBuilder,
  reader: WeightReader,
  file: WeightFile,
  name: string,
  names: readonly string[],
  outputs: readonly number[],
  form: BlockForm,
  maxTensorBytes: number,
): Promise<BlockMatrix> {
  const inputs = reader.columns(present(names[0], 'a tensor'));
  const allRows = outputs.reduce((sum, n) => sum + n, 0);
  const rowBlocks = inputs / BLOCK_SIZE;
  const blockBytes = (BLOCK_SIZE * form.bits) / 8;
  const rowBytes = rowBlocks * blockBytes;

  const scales = new Float32Array(allRows * rowBlocks);
  const blocksAt = await file.align();
  let done = 0;
  for (const tensor of names) {
    for await (const batch of reader.rows(tensor)) {
      const integers = new Int8Array(batch.values.length);
      const batchScales = scales.subarray(done, done + integers.length / BLOCK_SIZE);
      toIntegers(batch, g.floatType === 'float16', integers, batchScales);
      const bytes = new Uint8Array((integers.length * form.bits) / 8);
      form.pack(integers, bytes);
      await file.append(bytes);
      done += batchScales.length;
    }
  }
  const scalesAt = await file.align();
  const scaleBytes = floatBytes(g.floatType, scales);
  await file.append(scaleBytes);

  const perPart = rowsPerPart(allRows, rowBytes, maxTensorBytes);
  const rowScaleBytes = scaleBytes.byteLength / allRows;
  const parts: BlockPart[] = [];
  for (let firstRow = 0; firstRow < allRows; firstRow += perPart) {
    const rows = Math.min(perPart, allRows - firstRow);
    const range = (start: number, bytesOfRow: number) => ({
      file: file.name,
      offset: start + firstRow * bytesOfRow,
      bytes: rows * bytesOfRow,
    });
    parts.push({
      firstRow,
      rows,
      blocks: g.initializer({
        name: `${name}.blocks.${parts.length}`,
        type: 'uint8',
        dims: [rows, rowBlocks, blockBytes],
        data: range(blocksAt, rowBytes),
      }),
      scales: range(scalesAt, rowScaleBytes),
    });
  }
  return { form, inputs, parts };
}

/**
 * weight ≈ integer × scale per block; exact where the file's own weights are made so, else integers in −127…127.
 * A scale that is to be a half is rounded up, so that no integer outgrows its range.
 */
export function toIntegers(
  { values, scales: own }: Pick<RowBatch, 'values' | 'scales'>,
  isHalf: boolean,
  integers: Int8Array,
  scales: Float32Array,
): void {
  if (own === null) leastScales(values, isHalf, scales);
  else scales.set(own);
  for (let block = 0, i = 0; block < scales.length; block++) {
    const inverse = 1 / (scales[block] as number);
    for (const end = i + BLOCK_SIZE; i < end; i++) {
      const x = (values[i] as number) * inverse; // NaN where the scale is 0: stored as 0
      integers[i] = x < 0 ? x - 0.5 : x + 0.5; // storing truncates, so this rounds half away from zero
    }
  }
}

/** The least scale with which a block's largest weight is ±127. */
function leastScales(values: Float32Array, isHalf: boolean, scales: Float32Array): void {
  for (let block = 0, i = 0; block < scales.length; block++) {
    let most = 0;
    for (const end = i + BLOCK_SIZE; i < end; i++) {
      const size = Math.abs(values[i] as number);
      if (size > most) most = size;
    }
    scales[block] = most / 127;
  }
  if (!isHalf) return;
  const floats = halfToFloat();
  for (const [block, half] of toHalf(scales).entries()) {
    const rounded = floats[half] as number;
    scales[block] = rounded < (scales[block] as number) ? (floats[half + 1] as number) : rounded;
  }
}

/** y = x W + b, `x` `[1, rows, inputs]`, called `y`. */
export function multiplyBlocks(
  g: GraphBuilder,
  x: string,
  w: BlockMatrix,
  y: string,
  bias: Float32Array | null = null,
): string {
  const parts = multiplyParts(g, x, w, y, bias);
  return parts.length === 1 ? y : g.op('Concat', parts, y, { axis: 2 });
}

/** The same, one product per part of the matrix; a single one is called `y`. */
export function multiplyParts(
  g: GraphBuilder,
  x: string,
  w: BlockMatrix,
  y: string,
  bias: Float32Array | null = null,
): readonly string[] {
  const { form, inputs, parts } = w;
  return parts.map(({ firstRow, rows, blocks, scales: data }, index) => {
    const product = parts.length === 1 ? y : `${y}.${index}`;
    const dims = [rows, inputs / BLOCK_SIZE];
    const scales = g.initializer({ name: `${product}.scales`, type: g.floatType, dims, data });
    const own = bias?.subarray(firstRow, firstRow + rows);
    const more = own === undefined ? [] : ['', '', g.floats(`${product}.bias`, own)];
    const attributes = { K: inputs, N: rows, bits: form.bits, block_size: BLOCK_SIZE };
    g.microsoft('MatMulNBits', [x, blocks, scales, ...more], [product], attributes);
    return product;
  });
}
