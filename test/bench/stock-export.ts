/**
 * What transformers.js runs: a model folder like the ones on the Hub, from the weights of a GGUF. The graph has the
 * shape of optimum's untied export after ORT's dynamic quantisation (`model_quantized.onnx`, dtype `q8`): separate
 * q, k, v, gate and up, keys and values repeated for each query head, one int8 scale for each whole matrix,
 * activations quantised by `DynamicQuantizeLinear`, logits of every position. RMS norms are written as one node,
 * which is to the peer's advantage. For dtype `q4` (`model_q4.onnx`) matrices are `MatMulNBits` of four bits in blocks of 32
 * and the embedding stays in 32 bits, as ORT's quantiser leaves such exports.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFile } from '../../models/cli/node-source.ts';
import { BLOCK_SIZE } from '../../src/compile/linear/blocks.ts';
import { INT8_MAX } from '../../src/compile/linear/int8-columns.ts';
import { transposeInto } from '../../src/lib/transpose.ts';
import {
  encodeModel,
  type Attribute,
  type GraphNode,
  type GraphValue,
  type Initializer,
} from '../../src/compile/onnx.ts';
import { WeightReader } from '../../src/compile/weight-reader.ts';
import type { DecoderShape } from '../../src/contract/model.ts';
import { describeQwen2 } from '../../src/gguf/qwen2.ts';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import { STOCK_GRAPH, type StockDtype } from './stock-files.ts';

/** Writes `stockFiles(dtype)` into `folder`; needs three to five times the model's parameters in bytes of memory. */
export async function writeStockExport(
  modelPath: string,
  folder: string,
  dtype: StockDtype,
): Promise<void> {
  const file = await openFile(modelPath);
  try {
    const gguf = await readGguf(file);
    const { shape } = describeQwen2(gguf);
    const tokenizer = tokenizerJson(gguf);
    const graph = await stockGraph(shape, new WeightReader(file, gguf, async () => {}), dtype);
    const contents: Readonly<Record<string, string | Uint8Array>> = {
      'config.json': JSON.stringify(configOf(shape)),
      'generation_config.json': JSON.stringify({ eos_token_id: tokenizer.stopTokens }),
      'tokenizer.json': JSON.stringify(tokenizer.tokenizerJson),
      'tokenizer_config.json': JSON.stringify(tokenizer.tokenizerConfig),
      [STOCK_GRAPH[dtype]]: encodeModel(graph, 'offgrid bench'),
    };
    await mkdir(join(folder, 'onnx'), { recursive: true });
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(join(folder, name), content);
    }
  } finally {
    await file.close();
  }
}

/** As transformers writes it for Qwen2, as far as transformers.js reads it. */
function configOf(shape: DecoderShape): object {
  return {
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    hidden_size: shape.width,
    intermediate_size: shape.feedForwardWidth,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.queryHeads,
    num_key_value_heads: shape.keyValueHeads,
    max_position_embeddings: shape.trainedContextTokens,
    rms_norm_eps: shape.rmsEpsilon,
    rope_theta: shape.ropeBase,
    vocab_size: shape.vocabulary,
    tie_word_embeddings: false,
  };
}

/** `TensorProto.DataType` of onnx.proto, for `Cast`. */
const FLOAT = 1;

async function stockGraph(shape: DecoderShape, reader: WeightReader, dtype: StockDtype) {
  const { layers, width, queryHeads, keyValueHeads, headSize } = shape;
  const g = new StockGraph(reader, dtype);
  g.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  g.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  g.input('position_ids', 'int64', ['batch_size', 'sequence_length']);

  const rotation = emitRotation(g, shape);
  const mask = emitMask(g);
  let stream = await emitEmbedding(g, shape);

  for (let l = 0; l < layers; l++) {
    const layer = `layers.${l}`;
    const weights = `blk.${l}`;
    const normed = await emitNorm(g, shape, stream, `${weights}.attn_norm.weight`);

    const project = async (part: 'q' | 'k' | 'v', heads: number) => {
      const tensor = `${weights}.attn_${part}`;
      const product = await g.linear(normed, `${tensor}.weight`, width, heads * headSize);
      const bias = await g.vector(`${tensor}.bias`);
      const sum = bias === null ? product : g.op('Add', [bias, product], `${layer}.${part}`);
      const split = g.ints(`heads.${heads}`, [0, 0, heads, headSize]);
      g.op('Reshape', [sum, split], `${layer}.${part}.split`);
      const perm = [0, 2, 1, 3];
      return g.op('Transpose', [`${layer}.${part}.split`], `${layer}.${part}.heads`, { perm });
    };
    const q = rotate(g, shape, rotation, await project('q', queryHeads));
    const newKey = rotate(g, shape, rotation, await project('k', keyValueHeads));
    const newValue = await project('v', keyValueHeads);
    const key = repeat(g, shape, withPast(g, shape, l, 'key', newKey));
    const value = repeat(g, shape, withPast(g, shape, l, 'value', newValue));

    const turned = g.op('Transpose', [key], `${layer}.keys_turned`, { perm: [0, 1, 3, 2] });
    const products = g.op('MatMul', [q, turned], `${layer}.products`);
    const scale = g.float('head_scale', Math.sqrt(headSize));
    const scores = g.op('Div', [products, scale], `${layer}.scores`);
    const masked = g.op('Add', [scores, mask], `${layer}.masked`);
    const shares = g.op('Softmax', [masked], `${layer}.shares`, { axis: -1 });
    const mix = g.op('MatMul', [shares, value], `${layer}.mix`);
    const mixed = g.op('Transpose', [mix], `${layer}.mixed`, { perm: [0, 2, 1, 3] });
    const flat = g.ints('flat', [0, 0, queryHeads * headSize]);
    const joined = g.op('Reshape', [mixed, flat], `${layer}.joined`);
    const outWeight = `${weights}.attn_output.weight`;
    const attended = await g.linear(joined, outWeight, queryHeads * headSize, width);
    const middle = g.op('Add', [stream, attended], `${layer}.middle`);

    const fedFrom = await emitNorm(g, shape, middle, `${weights}.ffn_norm.weight`);
    const fed = await emitFeedForward(g, shape, weights, fedFrom);
    stream = g.op('Add', [middle, fed], `${layer}.out`);
  }

  const last = await emitNorm(g, shape, stream, 'output_norm.weight');
  const head = reader.has('output.weight') ? 'output.weight' : 'token_embd.weight';
  const logits = await g.linear(last, head, width, shape.vocabulary);
  g.op('Identity', [logits], 'logits');
  g.output('logits', 'float32', ['batch_size', 'sequence_length', shape.vocabulary]);
  return g.finish();
}

async function emitEmbedding(g: StockGraph, shape: DecoderShape): Promise<string> {
  const { vocabulary, width } = shape;
  if (g.dtype === 'q4') {
    const table = await g.matrix('token_embd.weight', vocabulary, width);
    return g.op('Gather', [table, 'input_ids'], 'embedding', { axis: 0 });
  }
  const table = await g.quantised('token_embd.weight', vocabulary, width, 'rows');
  const rows = g.op('Gather', [table.weight, 'input_ids'], 'embedding.rows', { axis: 0 });
  return g.op('DequantizeLinear', [rows, table.scale, table.zero], 'embedding');
}

async function emitNorm(
  g: StockGraph,
  shape: DecoderShape,
  x: string,
  tensor: string,
): Promise<string> {
  const scale = await g.vector(tensor);
  if (scale === null) throw new Error(`missing: ${tensor}`);
  const attributes = { axis: -1, epsilon: { float: shape.rmsEpsilon }, stash_type: 1 };
  return g.op('SimplifiedLayerNormalization', [x, scale], `${tensor}.normed`, attributes);
}

async function emitFeedForward(
  g: StockGraph,
  shape: DecoderShape,
  weights: string,
  x: string,
): Promise<string> {
  const { width, feedForwardWidth: inner } = shape;
  const gate = await g.linear(x, `${weights}.ffn_gate.weight`, width, inner);
  const up = await g.linear(x, `${weights}.ffn_up.weight`, width, inner);
  const sigmoid = g.op('Sigmoid', [gate], `${weights}.sigmoid`);
  const silu = g.op('Mul', [gate, sigmoid], `${weights}.silu`);
  const product = g.op('Mul', [silu, up], `${weights}.gated`);
  return g.linear(product, `${weights}.ffn_down.weight`, inner, width);
}

interface Rotation {
  readonly cos: string;
  readonly sin: string;
}

/** Cosine and sine of position × frequency, `[batch, 1, sequence, head]`, both halves alike. */
function emitRotation(g: StockGraph, { headSize, ropeBase }: DecoderShape): Rotation {
  const half = headSize / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => ropeBase ** (-i / half));
  const positions = g.op('Cast', ['position_ids'], 'positions', { to: FLOAT });
  const column = g.op('Unsqueeze', [positions, g.ints('axes.1_3', [1, 3])], 'positions.column');
  const angles = g.op('Mul', [column, g.floats('frequencies', frequencies)], 'angles.half');
  g.op('Concat', [angles, angles], 'angles', { axis: -1 });
  return { cos: g.op('Cos', ['angles'], 'cos'), sin: g.op('Sin', ['angles'], 'sin') };
}

/** `x · cos + rotateHalf(x) · sin`, as in transformers' `apply_rotary_pos_emb`. */
function rotate(g: StockGraph, shape: DecoderShape, { cos, sin }: Rotation, x: string): string {
  const half = shape.headSize / 2;
  const [start, middle, end] = [
    g.ints('rotate.start', [0]),
    g.ints('rotate.middle', [half]),
    g.ints('rotate.end', [Number.MAX_SAFE_INTEGER]),
  ];
  const axis = g.ints('axis.last', [-1]);
  const first = g.op('Slice', [x, start, middle, axis], `${x}.first`);
  const second = g.op('Slice', [x, middle, end, axis], `${x}.second`);
  const negated = g.op('Neg', [second], `${x}.negated`);
  const turned = g.op('Concat', [negated, first], `${x}.turned`, { axis: -1 });
  const along = g.op('Mul', [x, cos], `${x}.cos`);
  const across = g.op('Mul', [turned, sin], `${x}.sin`);
  return g.op('Add', [along, across], `${x}.rotated`);
}

/** Hugely negative where a position may not look: the future, and padding. `[batch, 1, sequence, total]`. */
function emitMask(g: StockGraph): string {
  const axis = g.intScalar('axis.sequence', 1);
  const total = g.op('Gather', [g.op('Shape', ['attention_mask'], 'mask.shape'), axis], 'total');
  const length = g.op('Gather', [g.op('Shape', ['input_ids'], 'ids.shape'), axis], 'length');
  const past = g.op('Sub', [total, length], 'past');
  const one = g.intScalar('one', 1);
  const columns = g.op('Range', [g.intScalar('zero', 0), total, one], 'mask.columns');
  const rows = g.op('Range', [past, total, one], 'mask.rows');
  const column = g.op('Unsqueeze', [rows, g.ints('axes.1', [1])], 'mask.rows.column');
  const isFuture = g.op('Greater', [columns, column], 'mask.is_future');
  const never = g.float('never', -3.4028234663852886e38);
  const causal = g.op('Where', [isFuture, never, g.float('zero.float', 0)], 'mask.causal');
  const kept = g.op('Cast', ['attention_mask'], 'mask.kept', { to: FLOAT });
  const padded = g.op('Sub', [g.float('one.float', 1), kept], 'mask.padded');
  const hidden = g.op('Mul', [padded, never], 'mask.hidden');
  const spread = g.op('Unsqueeze', [hidden, g.ints('axes.1_2', [1, 2])], 'mask.hidden.spread');
  return g.op('Add', [causal, spread], 'mask');
}

/** Appends to the cache: `past_key_values.L.*` in, `present.L.*` out. */
function withPast(
  g: StockGraph,
  { keyValueHeads, headSize }: DecoderShape,
  layer: number,
  part: 'key' | 'value',
  fresh: string,
): string {
  const dims = (length: string) => ['batch_size', keyValueHeads, length, headSize];
  const past = g.input(`past_key_values.${layer}.${part}`, 'float32', dims('past_sequence_length'));
  const present = g.op('Concat', [past, fresh], `present.${layer}.${part}`, { axis: 2 });
  g.output(present, 'float32', dims('total_sequence_length'));
  return present;
}

/** Each key and value head once for every query head of its group, as in transformers' `repeat_kv`. */
function repeat(g: StockGraph, shape: DecoderShape, x: string): string {
  const { queryHeads, keyValueHeads, headSize } = shape;
  const group = queryHeads / keyValueHeads;
  if (group === 1) return x;
  const apart = g.op('Unsqueeze', [x, g.ints('axes.2', [2])], `${x}.apart`);
  const copies = g.ints('group', [1, 1, group, 1, 1]);
  const expanded = g.op('Expand', [apart, copies], `${x}.expanded`);
  const heads = g.ints('repeated', [0, queryHeads, -1, headSize]);
  return g.op('Reshape', [expanded, heads], `${x}.repeated`);
}

/** A matrix as ORT's dynamic quantisation leaves it: int8, one scale, zero point 0. */
interface Quantised {
  readonly weight: string;
  readonly scale: string;
  readonly zero: string;
}

/** The largest weight of a block becomes −8; low halves of bytes come first. (onnxruntime, mlas/lib/q4_dq.cpp, symmetric.) */
function roundToFourBits(
  values: ArrayLike<number>,
  blocks: Uint8Array,
  scales: Float32Array,
): void {
  for (let block = 0, at = 0; at < values.length; block++, at += BLOCK_SIZE) {
    let largest = 0;
    for (let i = at; i < at + BLOCK_SIZE; i++) {
      const value = values[i] as number;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const scale = largest / -8;
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    const four = (i: number) => Math.min(15, Math.round((values[i] as number) * inverse) + 8);
    for (let i = at; i < at + BLOCK_SIZE; i += 2) blocks[i / 2] = four(i) | (four(i + 1) << 4);
  }
}

/** A graph as it grows; node names are the caller's and unique. */
class StockGraph {
  readonly dtype: StockDtype;
  readonly #reader: WeightReader;
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #activations = new Map<string, Quantised>();

  constructor(reader: WeightReader, dtype: StockDtype) {
    this.#reader = reader;
    this.dtype = dtype;
  }

  input(name: string, type: GraphValue['type'], dims: GraphValue['dims']): string {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  output(name: string, type: GraphValue['type'], dims: GraphValue['dims']): void {
    this.#outputs.push({ name, type, dims });
  }

  op(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.#nodes.push({ op, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  ints(name: string, values: readonly number[]): string {
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant({ name, type: 'int64', dims: [values.length], data });
  }

  intScalar(name: string, value: number): string {
    const data = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    return this.#constant({ name, type: 'int64', dims: [], data });
  }

  float(name: string, value: number): string {
    const data = new Uint8Array(Float32Array.of(value).buffer);
    return this.#constant({ name, type: 'float32', dims: [], data });
  }

  floats(name: string, values: Float32Array<ArrayBuffer>): string {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.#constant({ name, type: 'float32', dims: [values.length], data });
  }

  /** A vector of the GGUF; null when it has none of that name. */
  async vector(tensor: string): Promise<string | null> {
    if (!this.#reader.has(tensor)) return null;
    return this.floats(tensor, Float32Array.from(await this.#reader.vector(tensor)));
  }

  /** A `[rows, columns]` matrix of the GGUF in 32 bits. */
  async matrix(tensor: string, rows: number, columns: number): Promise<string> {
    const matrix = new Float32Array(rows * columns);
    for await (const { firstRow, values } of this.#reader.rows(tensor)) {
      matrix.set(values, firstRow * columns);
    }
    const data = new Uint8Array(matrix.buffer);
    return this.#constant({ name: tensor, type: 'float32', dims: [rows, columns], data });
  }

  /** `x` times a `[outputs, inputs]` matrix of the GGUF, in the nodes that ORT's quantiser writes. */
  async linear(x: string, tensor: string, inputs: number, outputs: number): Promise<string> {
    if (this.dtype === 'q4') return this.#multiplyBlocks(x, tensor, inputs, outputs);
    const a = this.#quantiseActivation(x);
    const w = await this.quantised(tensor, outputs, inputs, 'columns');
    const sums = this.op(
      'MatMulInteger',
      [a.weight, w.weight, a.zero, w.zero],
      `${tensor}.product_quantized`,
    );
    const cast = this.op('Cast', [sums], `${tensor}.product_cast`, { to: FLOAT });
    const scale = this.op('Mul', [a.scale, w.scale], `${tensor}.scales_mul`);
    return this.op('Mul', [cast, scale], `${tensor}.product`);
  }

  /** Four bits a weight, a scale for each 32, the value 8 in the middle: `MatMulNBits` as symmetric quantisation leaves it. */
  async #multiplyBlocks(
    x: string,
    tensor: string,
    inputs: number,
    outputs: number,
  ): Promise<string> {
    const rowBlocks = inputs / BLOCK_SIZE;
    const blocks = new Uint8Array((outputs * inputs) / 2);
    const scales = new Float32Array(outputs * rowBlocks);
    for await (const { firstRow, values } of this.#reader.rows(tensor)) {
      roundToFourBits(
        values,
        blocks.subarray((firstRow * inputs) / 2),
        scales.subarray(firstRow * rowBlocks),
      );
    }
    const weight = this.#constant({
      name: `${tensor}.blocks`,
      type: 'uint8',
      dims: [outputs, rowBlocks, BLOCK_SIZE / 2],
      data: blocks,
    });
    const attributes = { K: inputs, N: outputs, bits: 4, block_size: BLOCK_SIZE };
    const inputsOfNode = [x, weight, this.floats(`${tensor}.scales`, scales)];
    const name = `${tensor}.product`;
    this.#nodes.push({
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      inputs: inputsOfNode,
      outputs: [name],
      attributes,
    });
    return name;
  }

  /** A matrix of the GGUF with one scale, as it lies there (`rows`) or turned to `[in, out]` (`columns`). */
  async quantised(
    tensor: string,
    rows: number,
    columns: number,
    layout: 'rows' | 'columns',
  ): Promise<Quantised> {
    const scale = (await this.#largest(tensor)) / INT8_MAX;
    const matrix = new Int8Array(rows * columns);
    for await (const { firstRow, values } of this.#reader.rows(tensor)) {
      const part =
        layout === 'rows'
          ? matrix.subarray(firstRow * columns, firstRow * columns + values.length)
          : new Int8Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const x = (values[i] as number) / scale;
        part[i] = x < 0 ? x - 0.5 : x + 0.5; // storing truncates, so this rounds
      }
      if (layout === 'columns') {
        transposeInto(part, values.length / columns, columns, matrix, rows, firstRow);
      }
    }
    const name = `${tensor}.${layout}`;
    this.#constant({
      name: `${name}_quantized`,
      type: 'int8',
      dims: layout === 'rows' ? [rows, columns] : [columns, rows],
      data: new Uint8Array(matrix.buffer),
    });
    this.#constant({
      name: `${name}_zero_point`,
      type: 'int8',
      dims: [],
      data: new Uint8Array(1),
    });
    return {
      weight: `${name}_quantized`,
      scale: this.float(`${name}_scale`, scale),
      zero: `${name}_zero_point`,
    };
  }

  finish() {
    return {
      name: 'stock',
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: [...this.#initializers.values()],
    };
  }

  /** Once for each activation: q, k and v share theirs, gate and up too. */
  #quantiseActivation(x: string): Quantised {
    const before = this.#activations.get(x);
    if (before !== undefined) return before;
    const made = { weight: `${x}_quantized`, scale: `${x}_scale`, zero: `${x}_zero_point` };
    const outputs = [made.weight, made.scale, made.zero];
    this.#nodes.push({
      op: 'DynamicQuantizeLinear',
      domain: '',
      inputs: [x],
      outputs,
      attributes: {},
    });
    this.#activations.set(x, made);
    return made;
  }

  async #largest(tensor: string): Promise<number> {
    let most = 0;
    for await (const { values } of this.#reader.rows(tensor)) {
      for (const value of values) most = Math.max(most, Math.abs(value));
    }
    return most === 0 ? 1 : most;
  }

  #constant(tensor: Initializer): string {
    if (!this.#initializers.has(tensor.name)) this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }
}
