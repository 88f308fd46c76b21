/**
 * Linear layers for ORT's WASM build, whose one fast kernel is the 8-bit matrix product behind
 * `DynamicQuantizeMatMul`. Weights: symmetric int8, one scale per output column. The operator quantises the whole
 * activation tensor with one scale, and Qwen2.5 has outliers both ways: its first token is hundreds of times larger
 * than the rest, and within a token a few channels tower above the others. So each row is cut into groups of
 * inputs, each group is divided by its largest absolute value, multiplied, multiplied back, and the groups are added
 * (README, "Numbers", says what each step buys).
 */
import { transposeInto } from '../../lib/transpose.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import type { WeightFile } from '../weight-file.ts';
import type { RowBatch, WeightReader } from '../weight-reader.ts';

export const INT8_MAX = 127;

/** A quantised matrix in the graph, cut along its inputs: per group an int8 `[in / groups, out]` tensor. */
export interface Int8Columns {
  readonly groups: readonly string[];
  /** `[out]`, shared by the groups. */
  readonly scales: string;
  readonly inputs: number;
}

/** Most groups, at most `wanted`, of equal size. */
export function groupCount(inputs: number, wanted: number): number {
  let groups = wanted;
  while (inputs % groups !== 0) groups--;
  return groups;
}

/**
 * Quantises each row of `values` by its own scale: `value ≈ q × scale`, q in −127…127.
 * A row of zeros gets scale 1.
 *
 * @param q `[rows][columns]` out
 * @param scales out, from index `firstScale`
 */
export function quantiseRows(
  values: Float32Array,
  columns: number,
  q: Int8Array,
  scales: Float32Array,
  firstScale: number,
): void {
  const rows = values.length / columns;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const end = start + columns;
    let most = 0;
    for (let i = start; i < end; i++) {
      const size = Math.abs(values[i] as number);
      if (size > most) most = size;
    }
    const scale = most === 0 ? 1 : Math.fround(most / INT8_MAX);
    const inverse = 1 / scale;
    scales[firstScale + row] = scale;
    for (let i = start; i < end; i++) {
      const x = (values[i] as number) * inverse;
      q[i] = x < 0 ? x - 0.5 : x + 0.5; // storing truncates, so this rounds half away from zero
    }
  }
}

/**
 * Quantises `[out, in]` matrices that share an input, side by side, into one `[in, out]` matrix of `weights.bin`.
 *
 * @param names tensors of the GGUF, in the order of their output columns
 * @param outputs columns of each
 */
export async function writeInt8Columns(
  g: GraphBuilder,
  reader: WeightReader,
  file: WeightFile,
  name: string,
  names: readonly string[],
  outputs: readonly number[],
  wantedGroups: number,
): Promise<Int8Columns> {
  const columns = outputs.reduce((sum, n) => sum + n, 0);
  const inputs = reader.columns(names[0] ?? '');
  const matrix = new Int8Array(inputs * columns);
  const scales = new Float32Array(columns);
  let q = new Int8Array(0);
  let done = 0;
  for (const [index, tensor] of names.entries()) {
    for await (const { firstRow, rows, values } of reader.rows(tensor)) {
      if (q.length < values.length) q = new Int8Array(values.length);
      quantiseRows(values, inputs, q, scales, done + firstRow);
      transposeInto(q, rows, inputs, matrix, columns, done + firstRow);
    }
    done += outputs[index] ?? 0;
  }
  const offset = await file.align();
  await file.append(new Uint8Array(matrix.buffer));
  const count = groupCount(inputs, wantedGroups);
  const dims = [inputs / count, columns];
  const bytes = matrix.byteLength / count;
  const groups = Array.from({ length: count }, (_, i) => {
    const data = { file: file.name, offset: offset + i * bytes, bytes };
    return g.initializer({ name: `${name}.weight.${i}`, type: 'int8', dims, data });
  });
  return { groups, scales: g.floats(`${name}.scales`, scales), inputs };
}

/** A row-major int8 matrix with a scale per row, at these offsets of `weights.bin`. */
export interface Int8Rows {
  readonly rowsOffset: number;
  readonly scalesOffset: number;
  readonly scales: Float32Array;
}

/** Quantises a matrix row by row and leaves it row-major: for look-ups. */
export async function writeInt8Rows(
  reader: WeightReader,
  file: WeightFile,
  tensor: string,
  rows: number,
  columns: number,
): Promise<Int8Rows> {
  const scales = new Float32Array(rows);
  const rowsOffset = await file.align();
  for await (const batch of reader.rows(tensor)) await appendRows(batch, columns, scales, file);
  const scalesOffset = await file.align();
  await file.append(new Uint8Array(scales.buffer));
  return { rowsOffset, scalesOffset, scales };
}

async function appendRows(
  { firstRow, values }: RowBatch,
  columns: number,
  scales: Float32Array,
  file: WeightFile,
): Promise<void> {
  const q = new Int8Array(values.length);
  quantiseRows(values, columns, q, scales, firstRow);
  await file.append(new Uint8Array(q.buffer));
}

export interface UnitRows {
  /** Rows whose largest absolute value is 1. */
  readonly unit: string;
  /** What that value was: `[…, 1]`. */
  readonly size: string;
}

/** Divides each row of `x` by its largest absolute value. */
export function normaliseRows(g: GraphBuilder, x: string): UnitRows {
  g.op('Abs', [x], `${x}.abs`);
  g.op('ReduceMax', [`${x}.abs`, g.ints('axis.last', [-1])], `${x}.max`, { keepdims: 1 });
  g.op('Max', [`${x}.max`, g.float('tiny', 1e-6)], `${x}.size`);
  g.op('Div', [x, `${x}.size`], `${x}.unit`);
  return { unit: `${x}.unit`, size: `${x}.size` };
}

/** y = x W for rows that `normaliseRows` has prepared. */
export function multiplyRows(
  g: GraphBuilder,
  x: UnitRows,
  weight: string,
  scales: string,
  y: string,
): string {
  g.microsoft('DynamicQuantizeMatMul', [x.unit, weight, scales], [`${y}.unit`]);
  return g.op('Mul', [`${y}.unit`, x.size], y);
}

/** y = x W, `x` `[1, rows, inputs]`. */
export function multiply(g: GraphBuilder, x: string, w: Int8Columns, y: string): string {
  const { inputs } = w;
  const count = w.groups.length;
  if (count === 1) {
    return multiplyRows(g, normaliseRows(g, x), w.groups[0] ?? '', w.scales, y);
  }
  const sizes = g.ints(
    `groups.${inputs}.${count}`,
    w.groups.map(() => inputs / count),
  );
  const parts = w.groups.map((_, i) => `${x}.${i}`);
  g.split(x, sizes, parts, 2);
  const products = parts.map((part, i) =>
    multiplyRows(g, normaliseRows(g, part), w.groups[i] ?? '', w.scales, `${y}.${i}`),
  );
  return g.op('Sum', products, y);
}
