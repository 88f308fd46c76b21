/**
 * The decoder for ORT's WASM backend: int8 columns and attention in plain operators.
 *
 * Inputs   embeds       float [1, new, width]       rows of the embedding, looked up by the engine
 *          cos, sin     float [new, head / 2]       rotation of each new position
 *          mask         float [new, past + new]     0 where a row may look, hugely negative where not
 *          first_logit  int64 [1]                   first of the new rows whose logits are wanted
 *          past.L.key, past.L.value  float [1, kv, past, head]; slots that the mask hides may hold anything
 * Outputs  logits       float [1, wanted, vocabulary]
 *          new_kv       float [2 × layers, kv, new, head]  key, value of layer 0, key, value of layer 1, …
 */
import type { DecoderShape, WasmManifest } from '../contract/model.ts';
import { attend, prepareAttention, type AttentionInputs } from './attention/explicit.ts';
import { compileDecoder, type Dialect } from './decoder.ts';
import { GraphBuilder } from './graph-builder.ts';
import { layerMatrices, readBias } from './layer-matrices.ts';
import {
  multiply,
  multiplyRows,
  normaliseRows,
  writeInt8Columns,
  writeInt8Rows,
  type Int8Rows,
} from './linear/int8-columns.ts';
import type { Graph } from './onnx.ts';
import type { HeadTensors } from './tied.ts';
import type { WeightFile } from './weight-file.ts';
import type { WeightReader } from './weight-reader.ts';

/** The file name under which the engine shows ORT the head's rows transposed, part by part. */
const HEAD_FILE = 'head';
/** The head goes to ORT in slices, so that turning one needs little memory. */
const HEAD_ROWS_PER_PART = 16_384;

/**
 * Groups of inputs that are quantised apart, by matrix: the feed-forward's inner activations have the longest
 * tail. Measured 2026-11-22 on Qwen2.5-Coder-0.5B, mean KL to fp32 (English, Chinese, code): one group everywhere
 * 0.013, 0.021, 0.007; four for `down` alone 0.011, 0.018, 0.006; four for `down` and two for gate and up 0.010, 0.016,
 * 0.005; these 0.008, 0.014, 0.004.
 */
const GROUPS = { qkv: 2, output: 2, gate_up: 2, down: 4 };

export async function compileForWasm(
  shape: DecoderShape,
  tensors: HeadTensors,
  reader: WeightReader,
  file: WeightFile,
): Promise<{ readonly graph: Graph } & Pick<WasmManifest, 'target' | 'head' | 'embedding'>> {
  const g = new GraphBuilder();
  const { layers, width, vocabulary, keyValueHeads, headSize } = shape;
  const rotation: AttentionInputs = {
    cos: g.input('cos', 'float32', ['new', headSize / 2]),
    sin: g.input('sin', 'float32', ['new', headSize / 2]),
    mask: g.input('mask', 'float32', ['new', 'all']),
  };
  const embeds = g.input('embeds', 'float32', [1, 'new', width]);
  const firstLogit = g.input('first_logit', 'int64', [1]);
  prepareAttention(g, shape, rotation.mask);
  const matrices = layerMatrices(shape);
  const newKv: string[] = [];

  const dialect: Dialect = {
    async project(layer, matrix, x) {
      const y = `l${layer}.${matrix}`;
      const { outputs, tensors } = matrices[matrix];
      const names = tensors.map((tensor) => `blk.${layer}.${tensor}.weight`);
      const w = await writeInt8Columns(g, reader, file, y, names, outputs, GROUPS[matrix]);
      const product = multiply(g, x, w, y);
      const bias = await readBias(reader, layer, matrices[matrix]);
      return bias === null
        ? product
        : g.op('Add', [product, g.floats(`${y}.bias`, bias)], `${y}.biased`);
    },

    attend(layer, qkv) {
      const past = {
        key: g.input(`past.${layer}.key`, 'float32', [1, keyValueHeads, 'past', headSize]),
        value: g.input(`past.${layer}.value`, 'float32', [1, keyValueHeads, 'past', headSize]),
      };
      const { mix, newKey, newValue } = attend(g, shape, rotation, `l${layer}`, qkv, past);
      newKv.push(newKey, newValue);
      return mix;
    },
  };
  const normed = await compileDecoder(g, shape, reader, embeds, dialect);
  g.op('Concat', newKv, 'new_kv', { axis: 0 });
  g.output('new_kv', 'float32', [2 * layers, keyValueHeads, 'new', headSize]);
  const head = await writeInt8Rows(reader, file, tensors.head, vocabulary, width);
  emitHead(g, shape, head.scales, normed, firstLogit);
  const embedding =
    tensors.embedding === null
      ? null
      : await writeInt8Rows(reader, file, tensors.embedding, vocabulary, width);
  return {
    graph: g.finish('qwen2'),
    target: 'wasm-int8',
    head: { ...offsets(head), rowsPerPart: HEAD_ROWS_PER_PART },
    embedding: embedding && offsets(embedding),
  };
}

function offsets({ rowsOffset, scalesOffset }: Int8Rows) {
  return { rowsOffset, scalesOffset };
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
