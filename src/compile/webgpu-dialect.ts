/**
 * The decoder for ORT's WebGPU backend: integer blocks, fused attention on a static cache, candidates chosen on the
 * GPU. Every node has a WebGPU kernel, and a CPU one, on which the same graph is measured. T is float16 or float32.
 *
 * Inputs   input_ids              int32 [1, new]
 *          seqlens_k              int32 [1]   tokens in the cache after this run, less one
 *          total_sequence_length  int32 [1]   tokens in the cache after this run; ORT wants it on the CPU
 *          cos_cache, sin_cache   T [context, head / 2]   rotation of every position
 *          past_key_values.L.key, past_key_values.L.value  T [1, kv, context, head]
 * Outputs  next                   float32 [1, 1, 2 × leaders + 1]   of the last row, see next-token.ts
 *          present.L.key, present.L.value   T, as past_key_values, in the same buffers where the engine says so
 *
 * For measuring, `logits` float32 [1, new, vocabulary] takes the place of `next`.
 */
import { AppError } from '../contract/errors.ts';
import type { DecoderShape, WebGpuManifest } from '../contract/model.ts';
import { attendGrouped, groupedQueryInputs } from './attention/grouped-query.ts';
import { blockForm, bytesPerToken, storedMatrices } from './bits.ts';
import { compileDecoder, type Dialect } from './decoder.ts';
import { lookUp } from './embedding.ts';
import { GraphBuilder } from './graph-builder.ts';
import { layerMatrices, readBias } from './layer-matrices.ts';
import { BLOCK_SIZE, multiplyBlocks, multiplyParts, writeBlocks } from './linear/blocks.ts';
import { emitNextToken, FLOAT32, leadersOf } from './next-token.ts';
import type { Graph } from './onnx.ts';
import { TARGETS } from './targets.ts';
import type { HeadTensors } from './tied.ts';
import type { WeightFile } from './weight-file.ts';
import type { WeightReader } from './weight-reader.ts';

/** What every WebGPU device can bind at once (`maxStorageBufferBindingSize` of the specification's defaults). */
export const DEFAULT_MAX_TENSOR_BYTES = 128 * 1024 * 1024;

export interface WebGpuOptions {
  /** No tensor of weights is larger: the least of the device's two limits on buffers. */
  readonly maxTensorBytes?: number;
  /** What a run returns: the next token's leaders, or for measuring every row's logits. */
  readonly returns?: 'next' | 'logits';
}

type OfManifest = Pick<
  WebGpuManifest,
  | 'target'
  | 'selfTest'
  | 'maxTensorBytes'
  | 'leaders'
  | 'matrices'
  | 'weightBytes'
  | 'bytesPerToken'
>;

/** @throws AppError `webgpu-unavailable` when the matrices cannot be cut into blocks or bindings */
export async function compileForWebGpu(
  shape: DecoderShape,
  target: WebGpuManifest['target'],
  tensors: HeadTensors,
  reader: WeightReader,
  file: WeightFile,
  options: WebGpuOptions,
): Promise<{ readonly graph: Graph } & OfManifest> {
  const { maxTensorBytes = DEFAULT_MAX_TENSOR_BYTES, returns = 'next' } = options;
  requireFit(shape, maxTensorBytes);
  const { vocabulary } = shape;
  const { float } = TARGETS[target];
  const g = new GraphBuilder(float);
  const write = (name: string, names: readonly string[], outputs: readonly number[]) => {
    const form = blockForm(names.map((tensor) => reader.type(tensor)));
    return writeBlocks(g, reader, file, name, names, outputs, form, maxTensorBytes);
  };

  const ids = g.input('input_ids', 'int32', [1, 'new']);
  const attention = groupedQueryInputs(g, shape);
  const matrices = layerMatrices(shape);
  const dialect: Dialect = {
    async project(layer, matrix, x) {
      const { tensors, outputs } = matrices[matrix];
      const names = tensors.map((tensor) => `blk.${layer}.${tensor}.weight`);
      const y = `l${layer}.${matrix}`;
      const w = await write(y, names, outputs);
      return multiplyBlocks(g, x, w, y, await readBias(reader, layer, matrices[matrix]));
    },
    attend: (layer, qkv) => attendGrouped(g, shape, attention, layer, qkv),
  };

  const head = await write('head', [tensors.head], [vocabulary]);
  const table =
    tensors.embedding === null ? head : await write('embedding', [tensors.embedding], [vocabulary]);
  const normed = await compileDecoder(g, shape, reader, lookUp(g, ids, table), dialect);
  if (returns === 'logits') {
    const isFloat32 = float === 'float32';
    const logits = multiplyBlocks(g, normed, head, isFloat32 ? 'logits' : 'head');
    if (!isFloat32) g.op('Cast', [logits], 'logits', FLOAT32);
    g.output('logits', 'float32', [1, 'new', vocabulary]);
  } else {
    const range = [g.ints('last', [-1]), g.ints('to_end', [Number.MAX_SAFE_INTEGER])];
    const last = g.op('Slice', [normed, ...range, g.ints('axis.rows', [1])], 'last_row');
    emitNextToken(g, multiplyParts(g, last, head, 'head'), vocabulary);
  }

  const graph = g.finish('qwen2');
  const stored = storedMatrices(shape, tensors, (tensor) => reader.type(tensor), float);
  return {
    graph,
    target,
    selfTest: null,
    maxTensorBytes,
    leaders: leadersOf(vocabulary),
    matrices: stored,
    weightBytes: bytesOf(graph),
    bytesPerToken: bytesPerToken(stored),
  };
}

/** What the initializers take as buffers; two over one range of the file are two buffers. */
function bytesOf(graph: Graph): number {
  return graph.initializers.reduce(
    (sum, { data }) => sum + (data instanceof Uint8Array ? data.byteLength : data.bytes),
    0,
  );
}

/** ORT's rotation wants heads of a multiple of this. */
const HEAD_ALIGNMENT = 16;

function requireFit(shape: DecoderShape, maxTensorBytes: number): void {
  const { headSize, width } = shape;
  if (headSize % HEAD_ALIGNMENT !== 0) {
    const detail = { type: 'uneven-heads', headSize, multiple: HEAD_ALIGNMENT } as const;
    throw new AppError('webgpu-unavailable', `attention heads of ${headSize}`, { detail });
  }
  for (const { inputs } of [...Object.values(layerMatrices(shape)), { inputs: width }]) {
    if (inputs % BLOCK_SIZE !== 0) {
      const detail = { type: 'uneven-rows', rowWeights: inputs, blockWeights: BLOCK_SIZE } as const;
      throw new AppError('webgpu-unavailable', `rows of ${inputs} weights`, { detail });
    }
    if (inputs > maxTensorBytes) {
      const detail = { type: 'long-rows', rowWeights: inputs, mostBytes: maxTensorBytes } as const;
      const message = `rows of ${inputs} weights, ${maxTensorBytes} bytes at most`;
      throw new AppError('webgpu-unavailable', message, { detail });
    }
  }
}
