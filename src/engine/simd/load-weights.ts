/**
 * From the file into the shared memory: every byte is read once, in order, in pieces of whole rows; while one piece is
 * read, the threads turn the one before into rows of int8. What is read is fingerprinted on the way.
 */
import { AppError } from '../../contract/errors.ts';
import type { SourceTensor } from '../../contract/model.ts';
import type { SyncByteSource } from '../../lib/bytes.ts';
import type { Fingerprint } from '../../lib/fingerprint.ts';
import type { KernelExports } from './kernel-exports.ts';
import { qkvRows, type LayerMap, type MemoryMap, type MemoryPlan } from './memory-map.ts';
import type { SharedKernels, ThreadPool } from './thread-pool.ts';

/** Two pieces lie in memory at a time: one that is read, one that is decoded. */
const PIECE_BYTES = 4 * 1024 * 1024;
const PIECES = 2;

export interface LoadWeightsParts {
  readonly source: SyncByteSource;
  /** In the order of the file. */
  readonly tensors: readonly SourceTensor[];
  readonly plan: MemoryPlan;
  readonly shared: SharedKernels;
  readonly pool: ThreadPool;
  readonly fingerprint: Fingerprint;
  /** Share of the file that is read, 0–1. */
  readonly onProgress: (fraction: number) => void;
}

/** Where a tensor goes. */
type Destination =
  | { readonly to: 'rows'; readonly matrix: number; readonly firstRow: number }
  | { readonly to: 'floats'; readonly address: number };

/** Consecutive bytes of the file: whole rows of one tensor, or what lies around tensors. */
interface Piece {
  readonly offset: number;
  readonly byteLength: number;
  readonly rows: {
    readonly tensor: SourceTensor;
    readonly firstRow: number;
    readonly count: number;
    readonly rowBytes: number;
  } | null;
}

/** What `loadWeights` needs to lay pieces of a file in. */
export function stagingBytes(tensors: readonly SourceTensor[]): number {
  return PIECES * Math.max(PIECE_BYTES, ...tensors.map(rowBytesOf));
}

/**
 * Fills the matrices, norms and biases of the map.
 * @throws AppError `model-changed` when the file ends early, `worker-died` as the pool does
 */
export function loadWeights(parts: LoadWeightsParts): void {
  const { source, tensors, plan, shared, pool, fingerprint, onProgress } = parts;
  const { map, memory, kernels } = shared;
  createMatrices(kernels, plan, map);
  const hasOutput = tensors.some(({ name }) => name === 'output.weight');
  const destinations = destinationsOf(plan, map, hasOutput);
  const slotBytes = plan.stagingBytes / PIECES;
  let slot = 0;
  let isDecoding = false;
  for (const piece of piecesOf(tensors, source.totalBytes, slotBytes)) {
    const address = map.staging + slot * slotBytes;
    const bytes = new Uint8Array(memory.buffer, address, piece.byteLength);
    readPiece(source, piece.offset, bytes);
    fingerprint.update(bytes);
    if (isDecoding) pool.finishDecoding();
    isDecoding = false;

    const { rows } = piece;
    const destination = rows === null ? undefined : destinations.get(rows.tensor.name);
    if (rows !== null && destination !== undefined) {
      const { ggmlType } = rows.tensor;
      if (destination.to === 'floats') {
        kernels.decodeFloats(ggmlType, address, rows.tensor.columns, destination.address);
      } else {
        pool.startDecoding({
          ggmlType,
          source: address,
          rowBytes: rows.rowBytes,
          matrix: destination.matrix,
          firstRow: destination.firstRow + rows.firstRow,
          rows: rows.count,
        });
        isDecoding = true;
      }
    }
    slot = (slot + 1) % PIECES;
    onProgress((piece.offset + piece.byteLength) / source.totalBytes);
  }
  if (isDecoding) pool.finishDecoding();
}

function createMatrices(
  kernels: KernelExports,
  { shape, isTied }: MemoryPlan,
  map: MemoryMap,
): void {
  const { width, feedForwardWidth, vocabulary, queryHeads, headSize } = shape;
  for (const layer of map.layers) {
    kernels.createMatrix(layer.qkv, qkvRows(shape), width);
    kernels.createMatrix(layer.attentionOutput, width, queryHeads * headSize);
    kernels.createMatrix(layer.gate, feedForwardWidth, width);
    kernels.createMatrix(layer.up, feedForwardWidth, width);
    kernels.createMatrix(layer.down, width, feedForwardWidth);
  }
  kernels.createMatrix(map.head, vocabulary, width);
  if (!isTied) kernels.createMatrix(map.embedding, vocabulary, width);
}

/** By the tensor's name; what has none is read for its fingerprint alone. */
function destinationsOf(
  { shape, isTied }: MemoryPlan,
  map: MemoryMap,
  hasOutput: boolean,
): ReadonlyMap<string, Destination> {
  const queries = shape.queryHeads * shape.headSize;
  const keys = shape.keyValueHeads * shape.headSize;
  const rows = (matrix: number, firstRow = 0): Destination => ({ to: 'rows', matrix, firstRow });
  const floats = (address: number, first = 0): Destination => ({
    to: 'floats',
    address: address + 4 * first,
  });
  const ofLayer = (layer: LayerMap, index: number): [string, Destination][] =>
    Object.entries({
      'attn_norm.weight': floats(layer.attentionNorm),
      'attn_q.weight': rows(layer.qkv),
      'attn_k.weight': rows(layer.qkv, queries),
      'attn_v.weight': rows(layer.qkv, queries + keys),
      'attn_q.bias': floats(layer.qkvBias),
      'attn_k.bias': floats(layer.qkvBias, queries),
      'attn_v.bias': floats(layer.qkvBias, queries + keys),
      'attn_output.weight': rows(layer.attentionOutput),
      'ffn_norm.weight': floats(layer.feedForwardNorm),
      'ffn_gate.weight': rows(layer.gate),
      'ffn_up.weight': rows(layer.up),
      'ffn_down.weight': rows(layer.down),
    }).map(([part, destination]) => [`blk.${index}.${part}`, destination]);
  return new Map<string, Destination>([
    ['output_norm.weight', floats(map.outputNorm)],
    [hasOutput ? 'output.weight' : 'token_embd.weight', rows(map.head)],
    ...(isTied ? [] : ([['token_embd.weight', rows(map.embedding)]] as const)),
    ...map.layers.flatMap(ofLayer),
  ]);
}

/** The whole file, in order. */
function* piecesOf(
  tensors: readonly SourceTensor[],
  totalBytes: number,
  mostBytes: number,
): Generator<Piece> {
  let at = 0;
  function* until(end: number): Generator<Piece> {
    while (at < end) {
      const byteLength = Math.min(mostBytes, end - at);
      yield { offset: at, byteLength, rows: null };
      at += byteLength;
    }
  }
  for (const tensor of tensors) {
    yield* until(tensor.offset);
    const rowBytes = rowBytesOf(tensor);
    const mostRows = Math.floor(mostBytes / rowBytes);
    for (let firstRow = 0; firstRow < tensor.rows; firstRow += mostRows) {
      const count = Math.min(mostRows, tensor.rows - firstRow);
      const byteLength = count * rowBytes;
      yield { offset: at, byteLength, rows: { tensor, firstRow, count, rowBytes } };
      at += byteLength;
    }
  }
  yield* until(totalBytes);
}

function rowBytesOf({ byteLength, rows }: SourceTensor): number {
  return byteLength / rows;
}

function readPiece(source: SyncByteSource, offset: number, target: Uint8Array): void {
  try {
    source.readInto(offset, target);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('model-changed', `cannot read ${target.byteLength} bytes at ${offset}`, {
      cause,
    });
  }
}
