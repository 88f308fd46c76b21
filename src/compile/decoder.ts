/**
 * The Qwen2 decoder for ORT's WASM backend, reading like the paper (arXiv 2407.10671, §2): embed, then per layer
 * attend and feed forward, each behind an RMS norm and added back, then the head. Weights pass through one matrix
 * at a time, straight into `weights.bin`.
 *
 * Inputs   embeds       float [1, new, width]       rows of the embedding, looked up by the engine
 *          cos, sin     float [new, head / 2]       rotation of each new position
 *          mask         float [new, past + new]     0 where a row may look, hugely negative where not
 *          first_logit  int64 [1]                   first of the new rows whose logits are wanted
 *          past.L.key, past.L.value  float [1, kv, past, head]; slots that the mask hides may hold anything
 * Outputs  logits       float [1, wanted, vocabulary]
 *          new_kv       float [2 × layers, kv, new, head]  key, value of layer 0, key, value of layer 1, …
 */
import type { DecoderShape } from '../contract/model.ts';
import { attend, prepareAttention, type AttentionInputs } from './attention/explicit.ts';
import { GraphBuilder } from './graph-builder.ts';
import {
  multiply,
  normaliseRows,
  writeInt8Columns,
  writeInt8Rows,
  type Int8Rows,
} from './linear/int8-columns.ts';
import type { Graph } from './onnx.ts';
import type { WeightFile } from './weight-file.ts';
import type { WeightReader } from './weight-reader.ts';

/** The file name under which the engine shows ORT the head's rows transposed, part by part. */
export const HEAD_FILE = 'head';
/** The head goes to ORT in slices, so that turning one needs little memory. */
const HEAD_ROWS_PER_PART = 16_384;

export interface CompiledDecoder {
  readonly graph: Graph;
  readonly head: Int8Rows;
  readonly headRowsPerPart: number;
  /** Null when embedding and head are one matrix. */
  readonly embedding: Int8Rows | null;
}

export async function compileDecoder(
  shape: DecoderShape,
  tensors: { readonly head: string; readonly embedding: string | null },
  reader: WeightReader,
  file: WeightFile,
): Promise<CompiledDecoder> {
  const g = new GraphBuilder();
  const { layers, width, keyValueHeads, headSize, rmsEpsilon } = shape;
  const rotation: AttentionInputs = {
    cos: g.input('cos', 'float32', ['new', headSize / 2]),
    sin: g.input('sin', 'float32', ['new', headSize / 2]),
    mask: g.input('mask', 'float32', ['new', 'all']),
  };
  const embeds = g.input('embeds', 'float32', [1, 'new', width]);
  const firstLogit = g.input('first_logit', 'int64', [1]);
  prepareAttention(g, shape, rotation.mask);

  const norm = async (tensor: string) => g.floats(tensor, await reader.vector(tensor));
  const epsilon = { float: rmsEpsilon };
  /** Adds `change` to the stream and normalises the sum. */
  const addAndNorm = async (stream: string, change: string, tensor: string, to: string) => {
    const outputs = [`${to}.normed`, '', '', to];
    const inputs = [stream, change, await norm(tensor)];
    g.microsoft('SkipSimplifiedLayerNormalization', inputs, outputs, { epsilon });
    return { stream: to, normed: `${to}.normed` };
  };

  const first = await norm('blk.0.attn_norm.weight');
  const attributes = { axis: -1, epsilon, stash_type: 1 };
  let state = {
    stream: embeds,
    normed: g.op('SimplifiedLayerNormalization', [embeds, first], 'embeds.normed', attributes),
  };
  const newKv: string[] = [];
  for (let l = 0; l < layers; l++) {
    const layer = `l${l}`;
    const weights = `blk.${l}`;
    const past = {
      key: g.input(`past.${l}.key`, 'float32', [1, keyValueHeads, 'past', headSize]),
      value: g.input(`past.${l}.value`, 'float32', [1, keyValueHeads, 'past', headSize]),
    };
    const qkv = await projectQkv(g, shape, reader, file, weights, layer, state.normed);
    const { mix, newKey, newValue } = attend(g, shape, rotation, layer, qkv, past);
    newKv.push(newKey, newValue);
    const output = [`${weights}.attn_output.weight`];
    const w = await writeInt8Columns(g, reader, file, `${layer}.output`, output, mixWidth(shape), [
      width,
    ]);
    const attended = multiply(g, normaliseRows(g, mix), w, `${layer}.attended`);
    state = await addAndNorm(
      state.stream,
      attended,
      `${weights}.ffn_norm.weight`,
      `${layer}.middle`,
    );
    const fed = await feedForward(g, shape, reader, file, weights, layer, state.normed);
    const next = l + 1 < layers ? `blk.${l + 1}.attn_norm.weight` : 'output_norm.weight';
    state = await addAndNorm(state.stream, fed, next, `${layer}.out`);
  }
  g.op('Concat', newKv, 'new_kv', { axis: 0 });
  g.output('new_kv', 'float32', [2 * layers, keyValueHeads, 'new', headSize]);

  const head = await writeInt8Rows(reader, file, tensors.head, shape.vocabulary, width);
  emitHead(g, shape, head.scales, state.normed, firstLogit);
  const embedding =
    tensors.embedding === null
      ? null
      : await writeInt8Rows(reader, file, tensors.embedding, shape.vocabulary, width);
  return { graph: g.finish('qwen2'), head, headRowsPerPart: HEAD_ROWS_PER_PART, embedding };
}

const mixWidth = (shape: DecoderShape) => shape.queryHeads * shape.headSize;

async function projectQkv(
  g: GraphBuilder,
  shape: DecoderShape,
  reader: WeightReader,
  file: WeightFile,
  weights: string,
  layer: string,
  x: string,
): Promise<string> {
  const parts = [`${weights}.attn_q`, `${weights}.attn_k`, `${weights}.attn_v`];
  const kvWidth = shape.keyValueHeads * shape.headSize;
  const outputs = [mixWidth(shape), kvWidth, kvWidth];
  const names = parts.map((part) => `${part}.weight`);
  const w = await writeInt8Columns(g, reader, file, `${layer}.qkv`, names, shape.width, outputs);
  const unit = normaliseRows(g, x);
  if (!parts.some((part) => reader.has(`${part}.bias`))) {
    return multiply(g, unit, w, `${layer}.qkv`);
  }
  const bias = new Float32Array(mixWidth(shape) + 2 * kvWidth);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (reader.has(`${part}.bias`)) bias.set(await reader.vector(`${part}.bias`), at);
    at += outputs[index] ?? 0;
  }
  const product = multiply(g, unit, w, `${layer}.qkv.product`);
  return g.op('Add', [product, g.floats(`${layer}.qkv.bias`, bias)], `${layer}.qkv`);
}

/** SwiGLU (arXiv 2002.05202): down(silu(gate x) · up x), gate and up in one product. */
async function feedForward(
  g: GraphBuilder,
  shape: DecoderShape,
  reader: WeightReader,
  file: WeightFile,
  weights: string,
  layer: string,
  x: string,
): Promise<string> {
  const { width, feedForwardWidth: inner } = shape;
  const names = [`${weights}.ffn_gate.weight`, `${weights}.ffn_up.weight`];
  const gateUp = await writeInt8Columns(g, reader, file, `${layer}.gate_up`, names, width, [
    inner,
    inner,
  ]);
  multiply(g, normaliseRows(g, x), gateUp, `${layer}.gate_up`);
  const halves = [`${layer}.gate`, `${layer}.up`] as const;
  g.split(`${layer}.gate_up`, g.ints('ffn.halves', [inner, inner]), halves, 2);
  const [gate, up] = halves;
  g.op('Sigmoid', [gate], `${layer}.sigmoid`);
  g.op('Mul', [gate, `${layer}.sigmoid`], `${layer}.silu`);
  const fed = g.op('Mul', [`${layer}.silu`, up], `${layer}.fed`);
  const name = [`${weights}.ffn_down.weight`];
  const down = await writeInt8Columns(g, reader, file, `${layer}.down`, name, inner, [width]);
  return multiply(g, normaliseRows(g, fed), down, `${layer}.fed.down`);
}

/** Logits of the wanted rows only: the head is a quarter of all the work. */
function emitHead(
  g: GraphBuilder,
  shape: DecoderShape,
  scales: Float32Array,
  x: string,
  firstLogit: string,
): void {
  const { width, vocabulary } = shape;
  const end = g.ints('to_end', [Number.MAX_SAFE_INTEGER]);
  const wanted = g.op('Slice', [x, firstLogit, end, g.ints('axis.rows', [1])], 'wanted');
  const unit = normaliseRows(g, wanted);
  const parts: string[] = [];
  for (let row = 0; row < vocabulary; row += HEAD_ROWS_PER_PART) {
    const rows = Math.min(HEAD_ROWS_PER_PART, vocabulary - row);
    const name = `head.${parts.length}`;
    const data = { file: HEAD_FILE, offset: row * width, bytes: rows * width };
    const weight = g.initializer({
      name: `${name}.weight`,
      type: 'int8',
      dims: [width, rows],
      data,
    });
    const part = { weight, scales: g.floats(`${name}.scales`, scales.subarray(row, row + rows)) };
    parts.push(multiply(g, unit, part, name));
  }
  g.op('Concat', parts, 'logits', { axis: 2 });
  g.output('logits', 'float32', [1, 'wanted', vocabulary]);
}
