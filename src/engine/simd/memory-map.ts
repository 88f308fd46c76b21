/**
 * What lies where in the one memory that all threads share: decided before anything is there, from nothing but the
 * sizes of the model and of what it is to do.
 *
 *     1,024  commands to the threads
 *            description of the model (the kernels' own)
 *            cosines, sines          float32 [contextTokens][headSize / 2]
 *            norms, biases           float32
 *            matrices                layer by layer, then head and, where it is another one, embedding
 *            keys, values            layer by layer                           ┐ while weights load: pieces of the file
 *            workspace               activations, results (the kernels' own)  ┘ and scratch of the threads
 */
import { AppError } from '../../contract/errors.ts';
import type { DecoderShape } from '../../contract/model.ts';
import { COMMAND_BYTES } from './commands.ts';
import { FIRST_FREE_BYTE, KERNEL_ALIGNMENT_BYTES, type KernelExports } from './kernel-exports.ts';

export const PAGE_BYTES = 64 * 1024;
/** Addresses are 32-bit: no memory is larger, and browsers give none that is. */
export const MOST_MEMORY_BYTES = 2 ** 32;

/** Bytes in which a description of any model fits: what sizes are asked with before there is a memory. */
const MEASURING_PAGES = 16;

/** What a memory is made for. */
export interface MemoryPlan {
  readonly shape: DecoderShape;
  /** Embedding and head are one matrix. */
  readonly isTied: boolean;
  /** Prompt plus reply, in tokens. */
  readonly contextTokens: number;
  /** Most tokens of one step. */
  readonly chunkTokens: number;
  /** Most rows of logits of one step. */
  readonly headRows: number;
  /** Most threads. */
  readonly threads: number;
  /** For pieces of the file while weights load. */
  readonly stagingBytes: number;
}

/** Addresses, each a multiple of `KERNEL_ALIGNMENT_BYTES`. */
export interface MemoryMap {
  readonly commands: number;
  readonly model: number;
  readonly cosines: number;
  readonly sines: number;
  readonly outputNorm: number;
  readonly head: number;
  /** The head's, where the model ties them. */
  readonly embedding: number;
  readonly layers: readonly LayerMap[];
  readonly workspace: number;
  /** Of `stagingBytes`, then `rowScratchBytes` for each thread; gone once caches and workspace are in use. */
  readonly staging: number;
  readonly rowScratch: number;
  readonly rowScratchBytes: number;
  /** Of each layer's keys; its values take as many. */
  readonly cacheBytes: number;
  /** Where the copy of one layer's cache is made, of any length up to the context. */
  readonly snapshot: number;
  readonly totalBytes: number;
}

/** What the kernels' `describeLayer` takes, under its names. */
export interface LayerMap {
  readonly attentionNorm: number;
  readonly qkv: number;
  readonly qkvBias: number;
  readonly attentionOutput: number;
  readonly feedForwardNorm: number;
  readonly gate: number;
  readonly up: number;
  readonly down: number;
  readonly keys: number;
  readonly values: number;
}

/** Rows of the matrix that queries, keys and values share. */
export function qkvRows({ queryHeads, keyValueHeads, headSize }: DecoderShape): number {
  return (queryHeads + 2 * keyValueHeads) * headSize;
}

/** A memory to ask the kernels for sizes with. */
export function measuringMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: MEASURING_PAGES,
    maximum: MEASURING_PAGES,
    shared: true,
  });
}

/**
 * @param kernels started on a `measuringMemory`, which this writes into
 * @throws AppError `model-too-large` when it takes more than 4 GB
 */
export function mapMemory(kernels: KernelExports, plan: MemoryPlan): MemoryMap {
  const { shape, contextTokens, threads } = plan;
  const { width, feedForwardWidth, vocabulary, headSize, queryHeads } = shape;
  let end = FIRST_FREE_BYTE;
  const take = (bytes: number) => {
    const start = end;
    end = alignUp(start + bytes);
    return start;
  };
  const takeFloats = (count: number) => take(4 * count);
  // The kernels count in 32 bits. What does not fit them has at least a byte for each number.
  const takeNumbers = (count: number, bytes: number) => take(Math.max(count, bytes >>> 0));
  const takeMatrix = (rows: number, columns: number) =>
    takeNumbers(rows * columns, kernels.matrixBytes(rows, columns));

  const commands = take(COMMAND_BYTES);
  const model = take(kernels.modelBytes(shape.layers) >>> 0);
  const cosines = takeFloats((contextTokens * headSize) / 2);
  const sines = takeFloats((contextTokens * headSize) / 2);
  const outputNorm = takeFloats(width);
  const weights = Array.from({ length: shape.layers }, () => ({
    attentionNorm: takeFloats(width),
    qkvBias: takeFloats(qkvRows(shape)),
    feedForwardNorm: takeFloats(width),
    qkv: takeMatrix(qkvRows(shape), width),
    attentionOutput: takeMatrix(width, queryHeads * headSize),
    gate: takeMatrix(feedForwardWidth, width),
    up: takeMatrix(feedForwardWidth, width),
    down: takeMatrix(width, feedForwardWidth),
  }));
  const head = takeMatrix(vocabulary, width);
  const embedding = plan.isTied ? head : takeMatrix(vocabulary, width);

  const afterWeights = end;
  describeShape(kernels, FIRST_FREE_BYTE, plan);
  const cacheBytes = kernels.cacheBytes(FIRST_FREE_BYTE) >>> 0;
  const cached = shape.keyValueHeads * contextTokens * headSize;
  const layers = weights.map((layer) => ({
    ...layer,
    keys: takeNumbers(cached, cacheBytes),
    values: takeNumbers(cached, cacheBytes),
  }));
  const { chunkTokens, headRows } = plan;
  const workspace = take(
    kernels.workspaceBytes(FIRST_FREE_BYTE, chunkTokens, headRows, threads) >>> 0,
  );
  const snapshot = take(kernels.layerSnapshotBytes(FIRST_FREE_BYTE, contextTokens) >>> 0);
  const inUse = end;

  end = afterWeights;
  const staging = take(plan.stagingBytes);
  const columns = Math.max(width, feedForwardWidth, queryHeads * headSize);
  const rowScratchBytes = alignUp(kernels.rowScratchBytes(columns) >>> 0);
  const rowScratch = take(threads * rowScratchBytes);

  const totalBytes = Math.ceil(Math.max(inUse, end) / PAGE_BYTES) * PAGE_BYTES;
  if (totalBytes > MOST_MEMORY_BYTES) throw tooLarge(totalBytes, contextTokens);
  return {
    commands,
    model,
    cosines,
    sines,
    outputNorm,
    head,
    embedding,
    layers,
    workspace,
    staging,
    rowScratch,
    rowScratchBytes,
    cacheBytes,
    snapshot,
    totalBytes,
  };
}

/** Tells the kernels the sizes of the model, at the address of its description. */
export function describeShape(kernels: KernelExports, address: number, plan: MemoryPlan): void {
  const { shape, contextTokens } = plan;
  kernels.describeModel(
    address,
    shape.layers,
    shape.width,
    shape.queryHeads,
    shape.keyValueHeads,
    shape.headSize,
    shape.feedForwardWidth,
    shape.vocabulary,
    contextTokens,
    shape.rmsEpsilon,
  );
}

/** @throws AppError `out-of-memory` when the device does not give that much */
export function allocateMemory({ totalBytes }: MemoryMap): WebAssembly.Memory {
  const pages = totalBytes / PAGE_BYTES;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new AppError('out-of-memory', `no memory of ${totalBytes} bytes`, { cause });
  }
}

function alignUp(address: number): number {
  return Math.ceil(address / KERNEL_ALIGNMENT_BYTES) * KERNEL_ALIGNMENT_BYTES;
}

function tooLarge(totalBytes: number, contextTokens: number): AppError {
  return new AppError('model-too-large', `${totalBytes} bytes for ${contextTokens} tokens`, {
    detail: {
      type: 'beyond-page-memory',
      neededBytes: totalBytes,
      mostBytes: MOST_MEMORY_BYTES,
    },
  });
}
