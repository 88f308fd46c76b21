/**
 * Reads a GGUF's table of contents: metadata and where each tensor lies. A file may come from anywhere, so
 * nothing it says is believed before it is checked: every failure is an `AppError`, no promise of the file's
 * is allocated before the file is seen to be long enough, and the time is bounded by `MAX_HEADER_BYTES`.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { AppError } from '../contract/errors.ts';
import type { ByteSource } from '../lib/bytes.ts';
import {
  BLOCK_TYPES,
  blockTypeOf,
  bytesOfElements,
  ggmlTypeName,
  type BlockType,
} from './block-types.ts';
import { HeaderReader } from './header-reader.ts';
import { requireMagic } from './magic.ts';

/** A GGUF's table of contents as values. The weights stay in the file. */
export interface GgufFile {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** In the order of the file's own table. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly totalBytes: number;
}

/**
 * Metadata as JavaScript has it: 64-bit integers are `number` where that is exact, else `bigint`;
 * booleans in an array are 0 and 1 in a `Uint8Array`.
 */
export type GgufValue = number | bigint | boolean | string | readonly string[] | NumberArray;

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

export interface TensorInfo {
  readonly name: string;
  readonly type: BlockType;
  /** `dims[0]` varies fastest: a weight of `out` rows and `in` columns is `[in, out]`. */
  readonly dims: readonly number[];
  readonly elements: number;
  /** From the start of the file, in bytes. */
  readonly offset: number;
  readonly byteLength: number;
}

const DEFAULT_ALIGNMENT_BYTES = 32;
/** `GGML_MAX_DIMS` of ggml.h. */
const MAX_DIMENSIONS = 4;
/** Qwen2.5-72B has 963 tensors, and no model has hundreds of metadata entries. Bounds the time that a hostile file takes. */
const MAX_COUNT = 65_536;
/** No shorter ones exist: key length, one letter, type, value. */
const SMALLEST_ENTRY_BYTES = 8 + 1 + 4 + 1;
/** Name length, one letter, number of dimensions, one dimension, type, offset. */
const SMALLEST_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

/**
 * @throws AppError `html-not-model`, `not-gguf`, `gguf-version`, `gguf-truncated`, `gguf-malformed`,
 *   `unsupported-tensor-type`; what `source.read` rejects with is passed on
 */
export async function readGguf(source: ByteSource): Promise<GgufFile> {
  await requireMagic(source);
  const reader = new HeaderReader(source);
  await reader.need(4);
  reader.take(4);
  const version = await readVersion(reader);
  await reader.need(16);
  const tensorCount = reader.count();
  const entryCount = reader.count();
  if (tensorCount > MAX_COUNT || entryCount > MAX_COUNT) {
    throw malformed(`${tensorCount} tensors and ${entryCount} metadata entries`);
  }
  reader.requireRoom(tensorCount * SMALLEST_TENSOR_BYTES + entryCount * SMALLEST_ENTRY_BYTES);

  const metadata = await readMetadata(reader, entryCount);
  const alignmentBytes = alignmentOf(metadata);
  const table = await readTensorTable(reader, tensorCount);
  const dataStart = alignUp(reader.position, alignmentBytes);
  const tensors = placeTensors(table, dataStart, alignmentBytes, source.totalBytes);
  return { version, metadata, tensors, totalBytes: source.totalBytes };
}

async function readVersion(reader: HeaderReader): Promise<2 | 3> {
  await reader.need(4);
  const version = reader.uint32();
  if (version === 2 || version === 3) return version;
  if (version !== 0 && version % 2 ** 24 === 0) {
    throw new AppError('gguf-version', `big-endian GGUF of version ${version / 2 ** 24}`, {
      detail: { type: 'big-endian' },
    });
  }
  throw new AppError('gguf-version', `GGUF version ${version}`);
}

async function readMetadata(
  reader: HeaderReader,
  count: number,
): Promise<ReadonlyMap<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = await reader.string();
    if (metadata.has(key)) throw malformed(`metadata key ${quote(key)} twice`);
    await reader.need(4);
    metadata.set(key, await readValue(reader, reader.uint32()));
  }
  return metadata;
}

const STRING = 8;
const ARRAY = 9;

interface NumberType {
  readonly bytes: number;
  readonly read: (reader: HeaderReader) => GgufValue;
  readonly ofBytes: (bytes: Uint8Array<ArrayBuffer>) => NumberArray;
}

/** `enum gguf_type` of gguf.h, without strings and arrays. Typed arrays take the bytes as they lie: all hosts are little-endian. */
const NUMBER_TYPES: ReadonlyMap<number, NumberType> = new Map<number, NumberType>([
  [0, { bytes: 1, read: (r) => r.uint8(), ofBytes: (b) => b }],
  [1, { bytes: 1, read: (r) => r.int8(), ofBytes: (b) => new Int8Array(b.buffer) }],
  [2, { bytes: 2, read: (r) => r.uint16(), ofBytes: (b) => new Uint16Array(b.buffer) }],
  [3, { bytes: 2, read: (r) => r.int16(), ofBytes: (b) => new Int16Array(b.buffer) }],
  [4, { bytes: 4, read: (r) => r.uint32(), ofBytes: (b) => new Uint32Array(b.buffer) }],
  [5, { bytes: 4, read: (r) => r.int32(), ofBytes: (b) => new Int32Array(b.buffer) }],
  [6, { bytes: 4, read: (r) => r.float32(), ofBytes: (b) => new Float32Array(b.buffer) }],
  [7, { bytes: 1, read: (r) => r.uint8() !== 0, ofBytes: (b) => b }],
  [10, { bytes: 8, read: (r) => exact(r.uint64()), ofBytes: (b) => new BigUint64Array(b.buffer) }],
  [11, { bytes: 8, read: (r) => exact(r.int64()), ofBytes: (b) => new BigInt64Array(b.buffer) }],
  [12, { bytes: 8, read: (r) => r.float64(), ofBytes: (b) => new Float64Array(b.buffer) }],
]);

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

async function readValue(reader: HeaderReader, type: number): Promise<GgufValue> {
  if (type === STRING) return reader.string();
  if (type === ARRAY) return readArray(reader);
  const numberType = NUMBER_TYPES.get(type);
  if (numberType === undefined) throw malformed(`metadata type ${type}`);
  await reader.need(numberType.bytes);
  return numberType.read(reader);
}

async function readArray(reader: HeaderReader): Promise<GgufValue> {
  await reader.need(12);
  const type = reader.uint32();
  const count = reader.count();
  if (type === STRING) return reader.strings(count);
  // Arrays of arrays are in the specification but in no model; llama.cpp refuses them too.
  const numberType = NUMBER_TYPES.get(type);
  if (numberType === undefined) throw malformed(`metadata array of type ${type}`);
  await reader.need(count * numberType.bytes);
  return numberType.ofBytes(reader.take(count * numberType.bytes));
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const stated = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT_BYTES;
  const isPowerOfTwo = typeof stated === 'number' && Number.isInteger(Math.log2(stated));
  if (!isPowerOfTwo || stated < 1 || stated > 2 ** 20) {
    throw malformed(`alignment of ${String(stated)}`);
  }
  return stated;
}

/** A row of the tensor table; its offset still counts from the start of the data. */
async function readTensorTable(reader: HeaderReader, count: number): Promise<TensorInfo[]> {
  const table: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = await reader.string();
    if (names.has(name)) throw malformed(`tensor ${quote(name)} twice`);
    names.add(name);
    await reader.need(4);
    const dimensions = reader.uint32();
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw malformed(`tensor ${quote(name)} of ${dimensions} dimensions`);
    }
    await reader.need(dimensions * 8 + 4 + 8);
    const dims = Array.from({ length: dimensions }, () => reader.count());
    const ggmlId = reader.uint32();
    table.push(tensorInfo(name, dims, ggmlId, reader.count()));
  }
  return table;
}

function tensorInfo(name: string, dims: number[], ggmlId: number, offset: number): TensorInfo {
  const type = blockTypeOf(ggmlId);
  if (type === null) {
    const typeName = ggmlTypeName(ggmlId);
    throw new AppError('unsupported-tensor-type', `tensor ${quote(name)} is of type ${typeName}`, {
      detail: { type: 'named-type', tensorType: typeName },
    });
  }
  const elements = dims.reduce((product, size) => product * size, 1);
  const isWhole = dims.every((size) => size >= 1) && Number.isSafeInteger(elements * 4);
  if (!isWhole || (dims[0] ?? 0) % BLOCK_TYPES[type].elementsPerBlock !== 0) {
    throw malformed(`tensor ${quote(name)} of ${type} with sizes ${dims.join(' × ')}`);
  }
  return { name, type, dims, elements, offset, byteLength: bytesOfElements(type, elements) };
}

/** Checks that the tensors lie one after the other, as every writer lays them, and gives them absolute offsets. */
function placeTensors(
  table: readonly TensorInfo[],
  dataStart: number,
  alignmentBytes: number,
  totalBytes: number,
): ReadonlyMap<string, TensorInfo> {
  let end = 0;
  for (const { name, offset, byteLength } of table.toSorted((a, b) => a.offset - b.offset)) {
    if (offset !== alignUp(end, alignmentBytes)) {
      throw malformed(
        `tensor ${quote(name)} at ${offset}, expected at ${alignUp(end, alignmentBytes)}`,
      );
    }
    end = offset + byteLength;
    if (!Number.isSafeInteger(end)) throw malformed('tensors of more than 2^53 bytes');
  }
  if (end > 0 && dataStart + end > totalBytes) {
    throw new AppError(
      'gguf-truncated',
      `tensors end at byte ${dataStart + end}, the file at ${totalBytes}`,
    );
  }
  return new Map(table.map((info) => [info.name, { ...info, offset: dataStart + info.offset }]));
}

/** By arithmetic, not bits: offsets pass 2^32. */
function alignUp(position: number, alignmentBytes: number): number {
  return Math.ceil(position / alignmentBytes) * alignmentBytes;
}

function malformed(message: string): AppError {
  return new AppError('gguf-malformed', message);
}

/** Names come from the file: cut, and with control characters escaped. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
