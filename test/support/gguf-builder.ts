/**
 * Writes small GGUF files for tests, honest ones and every kind of broken one. Nothing is checked on purpose;
 * values may be wrapped to say what an honest writer would not.
 */
import { BLOCK_TYPES, bytesOfElements, type BlockType } from '../../src/gguf/block-types.ts';
import type { ByteSource } from '../../src/lib/bytes.ts';

/** How a metadata value is stored. Plain values: strings, booleans, integers as uint32, other numbers as float32. */
export type BuiltValue =
  | string
  | boolean
  | number
  | readonly string[]
  | Int32Array
  | Float32Array
  /** Exactly these bytes after the type id. */
  | { readonly typeId: number; readonly bytes: Uint8Array }
  /** An array that announces `count` elements of type `elementTypeId`, with whatever follows it. */
  | { readonly elementTypeId: number; readonly count: bigint; readonly bytes: Uint8Array };

export interface BuiltTensor {
  readonly name: string;
  readonly type: BlockType;
  /** `dims[0]` varies fastest. */
  readonly dims: readonly (number | bigint)[];
  /** Zeros where left out. */
  readonly data?: Uint8Array;
  /** Written instead of the type's own id. */
  readonly typeId?: number;
  /** Written instead of where the data lies, counted from the start of the data. */
  readonly offset?: bigint;
}

export interface GgufParts {
  readonly metadata?:
    Readonly<Record<string, BuiltValue>> | readonly (readonly [string, BuiltValue])[];
  readonly tensors?: readonly BuiltTensor[];
  readonly magic?: string;
  readonly version?: number;
  readonly tensorCount?: bigint;
  readonly metadataCount?: bigint;
  /** Of the tensor data, in bytes. */
  readonly alignment?: number;
}

export function buildGguf(parts: GgufParts = {}): Uint8Array<ArrayBuffer> {
  const { metadata = {}, tensors = [], alignment = 32 } = parts;
  const entries = isPairs(metadata) ? metadata : Object.entries(metadata);
  const header = new Bytes();
  header.raw(new TextEncoder().encode(parts.magic ?? 'GGUF'));
  header.uint32(parts.version ?? 3);
  header.uint64(parts.tensorCount ?? BigInt(tensors.length));
  header.uint64(parts.metadataCount ?? BigInt(entries.length));
  for (const [key, value] of entries) {
    header.string(key);
    writeValue(header, value);
  }

  const body = new Bytes();
  for (const tensor of tensors) {
    const data = tensor.data ?? new Uint8Array(honestBytes(tensor));
    body.align(alignment);
    header.string(tensor.name);
    header.uint32(tensor.dims.length);
    for (const size of tensor.dims) header.uint64(BigInt(size));
    header.uint32(tensor.typeId ?? BLOCK_TYPES[tensor.type].ggmlId);
    header.uint64(tensor.offset ?? BigInt(body.length));
    body.raw(data);
  }
  if (tensors.length > 0) header.align(alignment);
  header.raw(body.all());
  return header.all();
}

/** A file in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    totalBytes: bytes.length,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        return Promise.reject(new RangeError('past the end'));
      }
      return Promise.resolve(bytes.slice(offset, offset + length));
    },
  };
}

/** What the tensor's type and sizes take; nothing for sizes that make no sense. */
function honestBytes({ type, dims }: BuiltTensor): number {
  const elements = dims.reduce<number>((product, size) => product * Number(size), 1);
  return elements % BLOCK_TYPES[type].elementsPerBlock === 0 && elements < 2 ** 26
    ? bytesOfElements(type, elements)
    : 0;
}

function writeValue(out: Bytes, value: BuiltValue): void {
  if (typeof value === 'string') {
    out.uint32(8);
    out.string(value);
  } else if (typeof value === 'boolean') {
    out.uint32(7);
    out.raw(Uint8Array.of(value ? 1 : 0));
  } else if (typeof value === 'number') {
    const isUint32 = Number.isInteger(value) && value >= 0 && value < 2 ** 32;
    out.uint32(isUint32 ? 4 : 6);
    if (isUint32) out.uint32(value);
    else out.raw(bytesOf(Float32Array.of(value)));
  } else if (value instanceof Int32Array || value instanceof Float32Array) {
    out.uint32(9);
    out.uint32(value instanceof Int32Array ? 5 : 6);
    out.uint64(BigInt(value.length));
    out.raw(bytesOf(value));
  } else if ('typeId' in value) {
    out.uint32(value.typeId);
    out.raw(value.bytes);
  } else if ('elementTypeId' in value) {
    out.uint32(9);
    out.uint32(value.elementTypeId);
    out.uint64(value.count);
    out.raw(value.bytes);
  } else {
    out.uint32(9);
    out.uint32(8);
    out.uint64(BigInt(value.length));
    for (const item of value) out.string(item);
  }
}

function isPairs(
  metadata: NonNullable<GgufParts['metadata']>,
): metadata is readonly (readonly [string, BuiltValue])[] {
  return Array.isArray(metadata);
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

class Bytes {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  uint32(value: number): void {
    this.raw(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: bigint): void {
    this.raw(new Uint8Array(BigUint64Array.of(value).buffer));
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint64(BigInt(bytes.length));
    this.raw(bytes);
  }

  align(bytes: number): void {
    this.raw(new Uint8Array((bytes - (this.#length % bytes)) % bytes));
  }

  all(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}
