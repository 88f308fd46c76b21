/**
 * What a few tokens lead to through a few layers of a GGUF, one number at a time and in double precision: no WebAssembly, no
 * SIMD, no threads, for the kernels to be compared with. Only weights are rounded as theirs are: what is left between the two is next to
 * nothing where both are right. Slow, and therefore not for whole models.
 */
import type { DecoderShape, SimdManifest, SourceTensor } from '../../contract/model.ts';
import { blockTypeOf, type BlockType } from '../../gguf/block-types.ts';
import { dequantize } from '../../gguf/dequantize.ts';
import { present } from '../../lib/assert.ts';
import type { ByteSource } from '../../lib/bytes.ts';
import { rotation } from '../rotation.ts';

/** About this much of the file is in memory at once, as stored. */
const BATCH_BYTES = 1 << 20;

/** Activations of one token. */
type Row = Float64Array<ArrayBuffer>;

export interface ReferenceRequest {
  readonly tokens: readonly number[];
  /** Through which the tokens go, in this order. */
  readonly layers: readonly number[];
  /** Logits of so many of the last tokens. */
  readonly wanted: number;
  /** Awaited after every megabyte of weights. */
  readonly onStep?: () => Promise<void>;
}

/** @returns `[wanted]` rows of `[vocabulary]` */
export async function referenceRun(
  source: ByteSource,
  manifest: Pick<SimdManifest, 'shape' | 'isTied' | 'tensors'>,
  { tokens, layers, wanted, onStep = async () => {} }: ReferenceRequest,
): Promise<readonly Row[]> {
  const { shape, isTied, tensors } = manifest;
  const weights = new Weights(source, tensors, onStep);
  const head = weights.has('output.weight') ? 'output.weight' : 'token_embd.weight';
  const embedding = isTied ? head : 'token_embd.weight';
  let hidden: readonly Row[] = [];
  for (const token of tokens) hidden = [...hidden, await weights.row(embedding, token)];
  for (const layer of layers) hidden = await runLayer(shape, weights, layer, hidden);
  const scale = await weights.vector('output_norm.weight');
  const normed = hidden.slice(-wanted).map((row) => rmsNorm(row, scale, shape.rmsEpsilon));
  return weights.product(head, normed);
}

async function runLayer(
  shape: DecoderShape,
  weights: Weights,
  layer: number,
  hidden: readonly Row[],
): Promise<readonly Row[]> {
  const name = (part: string) => `blk.${layer}.${part}`;
  const normedBy = async (part: string, rows: readonly Row[]) => {
    const scale = await weights.vector(name(`${part}.weight`));
    return rows.map((row) => rmsNorm(row, scale, shape.rmsEpsilon));
  };
  const product = async (part: string, rows: readonly Row[]) => {
    const products = await weights.product(name(`${part}.weight`), rows);
    const bias = name(`${part}.bias`);
    if (!weights.has(bias)) return products;
    const values = await weights.vector(bias);
    return products.map((row) => add(row, values));
  };

  const normed = await normedBy('attn_norm', hidden);
  const attended = attend(
    shape,
    await product('attn_q', normed),
    await product('attn_k', normed),
    await product('attn_v', normed),
  );
  const output = await product('attn_output', attended);
  const middle = hidden.map((row, at) => add(row, rowOf(output, at)));

  const fed = await normedBy('ffn_norm', middle);
  const gate = await product('ffn_gate', fed);
  const up = await product('ffn_up', fed);
  const gated = gate.map((row, at) =>
    row.map((x, i) => (x / (1 + Math.exp(-x))) * number(up, at, i)),
  );
  const down = await product('ffn_down', gated);
  return middle.map((row, at) => add(row, rowOf(down, at)));
}

/** Causal attention with rotated queries and keys; query heads share the keys of their group. */
function attend(
  { queryHeads, keyValueHeads, headSize, ropeBase }: DecoderShape,
  queries: readonly Row[],
  keys: readonly Row[],
  values: readonly Row[],
): readonly Row[] {
  const { cos, sin } = rotation(0, queries.length, headSize, ropeBase);
  const half = headSize / 2;
  const rotated = (row: Row, position: number) =>
    row.map((x, i) => {
      const pair = i % half;
      const angle = position * half + pair;
      const isFirst = i % headSize < half;
      const other = row[isFirst ? i + half : i - half] ?? 0;
      return x * (cos[angle] ?? 0) + (isFirst ? -other : other) * (sin[angle] ?? 0);
    });
  const q = queries.map(rotated);
  const k = keys.map(rotated);
  const group = queryHeads / keyValueHeads;
  return q.map((query, position) => {
    const mixed = new Float64Array(queryHeads * headSize);
    for (let head = 0; head < queryHeads; head++) {
      const from = head * headSize;
      const kvFrom = Math.floor(head / group) * headSize;
      const ofHead = query.subarray(from, from + headSize);
      const scores = k
        .slice(0, position + 1)
        .map((key) => dot(ofHead, key.subarray(kvFrom, kvFrom + headSize)) / Math.sqrt(headSize));
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const sum = shares.reduce((total, share) => total + share, 0);
      for (const [at, share] of shares.entries()) {
        for (let i = 0; i < headSize; i++) {
          mixed[from + i] = (mixed[from + i] ?? 0) + (share / sum) * number(values, at, kvFrom + i);
        }
      }
    }
    return mixed;
  });
}

/** The tensors of a GGUF, a megabyte at a time. */
class Weights {
  readonly #source: ByteSource;
  readonly #tensors: ReadonlyMap<string, SourceTensor>;
  readonly #onStep: () => Promise<void>;

  constructor(source: ByteSource, tensors: readonly SourceTensor[], onStep: () => Promise<void>) {
    this.#source = source;
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#onStep = onStep;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  async vector(name: string): Promise<Float32Array> {
    return this.#rows(this.#tensor(name), 0, 1);
  }

  async row(name: string, row: number): Promise<Row> {
    const values = await this.#rows(this.#tensor(name), row, 1);
    round(values);
    return Float64Array.from(values);
  }

  /** W x for each of `inputs`. */
  async product(name: string, inputs: readonly Row[]): Promise<readonly Row[]> {
    const tensor = this.#tensor(name);
    const { rows, columns, byteLength } = tensor;
    const outputs = inputs.map(() => new Float64Array(rows));
    const batchRows = Math.max(1, Math.floor((BATCH_BYTES * rows) / byteLength));
    for (let first = 0; first < rows; first += batchRows) {
      const count = Math.min(batchRows, rows - first);
      const values = await this.#rows(tensor, first, count);
      for (let row = 0; row < count; row++) {
        const weights = values.subarray(row * columns, (row + 1) * columns);
        round(weights);
        for (let at = 0; at < inputs.length; at++) {
          rowOf(outputs, at)[first + row] = weigh(weights, rowOf(inputs, at));
        }
      }
      await this.#onStep();
    }
    return outputs;
  }

  async #rows(tensor: SourceTensor, first: number, count: number): Promise<Float32Array> {
    const { rows, columns, offset, byteLength, ggmlType } = tensor;
    const rowBytes = byteLength / rows;
    const type: BlockType = present(blockTypeOf(ggmlType), `a type of number ${ggmlType}`);
    const bytes = await this.#source.read(offset + first * rowBytes, count * rowBytes);
    const values = new Float32Array(count * columns);
    dequantize(type, bytes, values);
    return values;
  }

  #tensor(name: string): SourceTensor {
    return present(this.#tensors.get(name), `tensor ${name}`);
  }
}

/** To int8s and one scale, as `decodeRows` of the kernels does (but for ties, which hardly occur). */
function round(row: Float32Array): void {
  let most = 0;
  for (let i = 0; i < row.length; i++) most = Math.max(most, Math.abs(row[i] as number));
  if (most === 0) return;
  const scale = most / 127;
  const inverse = 1 / scale;
  for (let i = 0; i < row.length; i++) {
    row[i] = Math.floor((row[i] as number) * inverse + 0.5) * scale;
  }
}

/** Σ w·x. Four sums at a time: one alone would wait for each addition before the next. */
function weigh(w: Float32Array, x: Row): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = w.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    s0 += (w[i] as number) * (x[i] as number);
    s1 += (w[i + 1] as number) * (x[i + 1] as number);
    s2 += (w[i + 2] as number) * (x[i + 2] as number);
    s3 += (w[i + 3] as number) * (x[i + 3] as number);
  }
  for (let i = whole; i < w.length; i++) s0 += (w[i] as number) * (x[i] as number);
  return s0 + s1 + s2 + s3;
}

function dot(a: Row, b: Row): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** arXiv 1910.07467. */
function rmsNorm(x: Row, scale: Float32Array, epsilon: number): Row {
  const inverse = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((value, i) => value * inverse * (scale[i] ?? 0));
}

function add(a: Row, b: Row | Float32Array): Row {
  return a.map((value, i) => value + (b[i] ?? 0));
}

function rowOf(rows: readonly Row[], at: number): Row {
  return present(rows[at], 'a row');
}

function number(rows: readonly Row[], at: number, i: number): number {
  return rows[at]?.[i] ?? 0;
}
