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
  multiplyRows,
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

/**
 * Groups of inputs that are quantised apart, by layer kind: the feed-forward's inner activations have the longest
 * tail. Measured 2026-11-22 on Qwen2.5-Coder-0.5B, mean KL to fp32 (English, Chinese, code): one group everywhere
 * 0.013, 0.021, 0.007; four for `down` alone 0.011, 0.018, 0.006; four for `down` and two for gate and up 0.010, 0.016,
 * 0.005; these 0.008, 0.014, 0.004.
 */
const GROUPS = { qkv: 2, output: 2, gateUp: 2, down: 4 };

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
    const name = `l${l}`;
    const weights = `blk.${l}`;
    const past = {
      key: g.input(`past.${l}.key`, 'float32', [1, keyValueHeads, 'past', headSize]),
      value: g.input(`past.${l}.value`, 'float32', [1, keyValueHeads, 'past', headSize]),
    };
    const layer: Layer = { g, shape, reader, file, name, weights };
    const qkv = await projectQkv(layer, state.normed);
    const { mix, newKey, newValue } = attend(g, shape, rotation, name, qkv, past);
    newKv.push(newKey, newValue);
    const attended = await project(layer, mix, 'output', ['attn_output'], [width], GROUPS.output);
    const middle = `${weights}.ffn_norm.weight`;
    state = await addAndNorm(state.stream, attended, middle, `${name}.middle`);
    const fed = await feedForward(layer, state.normed);
    const next = l + 1 < layers ? `blk.${l + 1}.attn_norm.weight` : 'output_norm.weight';
    state = await addAndNorm(state.stream, fed, next, `${name}.out`);
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

/** One layer under construction. */
interface Layer {
  readonly g: GraphBuilder;
  readonly shape: DecoderShape;
  readonly reader: WeightReader;
  readonly file: WeightFile;
  /** Prefix of its nodes. */
  readonly name: string;
  /** Prefix of its tensors in the GGUF. */
  readonly weights: string;
}

/**
 * y = x W, where W is the layer's `tensors` side by side; `x` `[1, new, inputs]`. Biases are the caller's.
 * @returns the product's name, `LAYER.NAME`
 */
async function project(
  layer: Layer,
  x: string,
  name: string,
  tensors: readonly string[],
  outputs: readonly number[],
  groups: number,
): Promise<string> {
  const { g, reader, file, weights } = layer;
  const y = `${layer.name}.${name}`;
  const names = tensors.map((tensor) => `${weights}.${tensor}.weight`);
  const w = await writeInt8Columns(g, reader, file, y, names, outputs, groups);
  return multiply(g, x, w, y);
}

async function projectQkv(layer: Layer, x: string): Promise<string> {
  const { g, shape, reader, weights, name } = layer;
  const parts = ['attn_q', 'attn_k', 'attn_v'];
  const kvWidth = shape.keyValueHeads * shape.headSize;
  const outputs = [shape.queryHeads * shape.headSize, kvWidth, kvWidth];
  const product = await project(layer, x, 'qkv', parts, outputs, GROUPS.qkv);
  const biases = parts.map((part) => `${weights}.${part}.bias`);
  if (!biases.some((bias) => reader.has(bias))) return product;
  const bias = new Float32Array(outputs.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (const [index, tensor] of biases.entries()) {
    if (reader.has(tensor)) bias.set(await reader.vector(tensor), at);
    at += outputs[index] ?? 0;
  }
  return g.op('Add', [product, g.floats(`${name}.qkv.bias`, bias)], `${name}.qkv.biased`);
}

/** SwiGLU (arXiv 2002.05202): down(silu(gate x) · up x), gate and up in one product; silu is QuickGelu with α = 1. */
async function feedForward(layer: Layer, x: string): Promise<string> {
  const { g, shape, name } = layer;
  const { width, feedForwardWidth: inner } = shape;
  const both = ['ffn_gate', 'ffn_up'];
  const gateUp = await project(layer, x, 'gate_up', both, [inner, inner], GROUPS.gateUp);
  const halves = [`${name}.gate`, `${name}.up`] as const;
  g.split(gateUp, g.ints('ffn.halves', [inner, inner]), halves, 2);
  const [gate, up] = halves;
  g.microsoft('QuickGelu', [gate], [`${name}.silu`], { alpha: { float: 1 } });
  const fed = g.op('Mul', [`${name}.silu`, up], `${name}.fed`);
  return project(layer, fed, 'down', ['ffn_down'], [width], GROUPS.down);
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
    const dims = [width, rows];
    const weight = g.initializer({ name: `${name}.weight`, type: 'int8', dims, data });
    const partScales = g.floats(`${name}.scales`, scales.subarray(row, row + rows));
    parts.push(multiplyRows(g, unit, weight, partScales, name));
  }
  g.op('Concat', parts, 'logits', { axis: 2 });
  g.output('logits', 'float32', [1, 'wanted', vocabulary]);
}
