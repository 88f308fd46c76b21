/**
 * The beginning of a conversation, run, as bytes: token ids and the KV cache after them. Written beside the model it is of, so that the
 * next visit need not run the system prompt again. Another model, engine or version of the compiler has another folder.
 */
import type { KvSnapshot } from './language-model.ts';

export interface KeptPrefix {
  readonly ids: readonly number[];
  /** Of `ids.length` tokens. */
  readonly snapshot: KvSnapshot;
}

/** `OGKV`, read as a little-endian number. */
const MAGIC = 0x564b474f;
const VERSION = 1;
/** Magic, version, length, layers, key/value heads, head size, bytes of a value, checksum of all that follows. */
const HEADER_WORDS = 8;

/** By the bytes of a value; see `KvSnapshot`. */
const VALUE_ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Float32Array } as const;

/** @throws RangeError when ids and snapshot are not of the same length */
export function encodePrefix({ ids, snapshot }: KeptPrefix): Uint8Array<ArrayBuffer> {
  const { length, layers, keyValueHeads, headSize, values } = snapshot;
  if (ids.length !== length) throw new RangeError(`${ids.length} ids, ${length} tokens cached`);
  const bytes = new Uint8Array(4 * (HEADER_WORDS + length) + values.byteLength);
  const words = new Int32Array(bytes.buffer, 0, HEADER_WORDS + length);
  words.set(ids, HEADER_WORDS);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), words.byteLength);
  const body = bytes.subarray(4 * HEADER_WORDS);
  const { BYTES_PER_ELEMENT: valueBytes } = values;
  words.set([MAGIC, VERSION, length, layers, keyValueHeads, headSize, valueBytes, checksum(body)]);
  return bytes;
}

/** Null for anything that `encodePrefix` did not write, and for what changed since: it is only run again then. */
export function decodePrefix(bytes: Uint8Array): KeptPrefix | null {
  if (bytes.byteLength < 4 * HEADER_WORDS || bytes.byteLength % 4 !== 0) return null;
  const aligned = bytes.slice(); // what was read may lie at any address
  const words = new Int32Array(aligned.buffer);
  const [
    magic,
    version,
    length = 0,
    layers = 0,
    keyValueHeads = 0,
    headSize = 0,
    valueBytes = 0,
    sum,
  ] = words;
  const at = 4 * (HEADER_WORDS + length);
  const numbers = 2 * layers * keyValueHeads * length * headSize;
  const isWhole =
    magic === MAGIC &&
    version === VERSION &&
    length > 0 &&
    (valueBytes === 1
      ? aligned.byteLength > at
      : aligned.byteLength === at + valueBytes * numbers) &&
    sum === checksum(aligned.subarray(4 * HEADER_WORDS));
  if (!isWhole || !isValueSize(valueBytes)) return null;
  return {
    ids: [...words.subarray(HEADER_WORDS, HEADER_WORDS + length)],
    snapshot: {
      length,
      layers,
      keyValueHeads,
      headSize,
      values: new VALUE_ARRAYS[valueBytes](aligned.buffer, at),
    },
  };
}

function isValueSize(bytes: number): bytes is keyof typeof VALUE_ARRAYS {
  return bytes in VALUE_ARRAYS;
}

/** FNV-1a over 32-bit words: finds what was torn or changed by accident. `bytes` lie at a multiple of 4. */
function checksum(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  let sum = 0x811c9dc5 | 0;
  for (const word of words) sum = Math.imul(sum ^ word, 0x01000193);
  return sum;
}
