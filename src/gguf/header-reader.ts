/**
 * Reads little-endian values from the front of a file, fetching it in growing chunks. Knows no GGUF beyond
 * its strings; refuses to fetch more than a limit, whatever the file asks for.
 */
import { AppError } from '../contract/errors.ts';
import type { ByteSource } from '../lib/bytes.ts';

const FIRST_CHUNK_BYTES = 64 * 1024;
const LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Contents lists end long before this: 6 MB for Qwen2.5 with 151,936 tokens, 20 MB for the largest vocabularies.
 * What promises more is damaged or hostile.
 */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024;

export class HeaderReader {
  readonly #source: ByteSource;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Of `#bytes` in the file. */
  #start = 0;
  /** Of the next value in `#bytes`. */
  #at = 0;
  #chunkBytes = FIRST_CHUNK_BYTES;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#start + this.#at;
  }

  /**
   * Makes the next `bytes` readable by the methods below, which do not wait.
   * @throws AppError `gguf-malformed` past the limit, `gguf-truncated` past the end of the file
   */
  async need(bytes: number): Promise<void> {
    if (this.has(bytes)) return;
    this.requireRoom(bytes);
    const rest = this.#bytes.subarray(this.#at);
    const from = this.#start + this.#bytes.length;
    const length = Math.min(
      Math.max(bytes - rest.length, this.#chunkBytes),
      this.#source.totalBytes - from,
    );
    const fresh = await this.#source.read(from, length);
    const joined = new Uint8Array(rest.length + length);
    joined.set(rest);
    joined.set(fresh, rest.length);
    this.#start += this.#at;
    this.#at = 0;
    this.#bytes = joined;
    this.#view = new DataView(joined.buffer);
    this.#chunkBytes = Math.min(this.#chunkBytes * 2, LARGEST_CHUNK_BYTES);
  }

  /** Whether the next `bytes` are readable already. */
  has(bytes: number): boolean {
    return this.#at + bytes <= this.#bytes.length;
  }

  /**
   * Refuses a promise that the file cannot keep, before anything is allocated for it.
   * @throws AppError as `need`
   */
  requireRoom(bytes: number): void {
    if (this.position + bytes > MAX_HEADER_BYTES) {
      throw new AppError(
        'gguf-malformed',
        `the contents list asks for ${bytes} bytes at ${this.position}`,
      );
    }
    if (this.position + bytes > this.#source.totalBytes) {
      throw new AppError(
        'gguf-truncated',
        `the contents list goes on past the end at ${this.#source.totalBytes}`,
      );
    }
  }

  uint8 = (): number => this.#view.getUint8(this.#advance(1));
  int8 = (): number => this.#view.getInt8(this.#advance(1));
  uint16 = (): number => this.#view.getUint16(this.#advance(2), true);
  int16 = (): number => this.#view.getInt16(this.#advance(2), true);
  uint32 = (): number => this.#view.getUint32(this.#advance(4), true);
  int32 = (): number => this.#view.getInt32(this.#advance(4), true);
  float32 = (): number => this.#view.getFloat32(this.#advance(4), true);
  float64 = (): number => this.#view.getFloat64(this.#advance(8), true);
  uint64 = (): bigint => this.#view.getBigUint64(this.#advance(8), true);
  int64 = (): bigint => this.#view.getBigInt64(this.#advance(8), true);

  /** A 64-bit count or length. Inexact above 2^53, where every limit has long been passed. */
  count(): number {
    const low = this.uint32();
    return this.uint32() * 2 ** 32 + low;
  }

  /** A copy of the next bytes. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const at = this.#advance(bytes);
    return this.#bytes.slice(at, at + bytes);
  }

  /** A string with its length before it. What is not UTF-8 becomes U+FFFD. */
  async string(): Promise<string> {
    if (!this.has(8)) await this.need(8);
    const length = this.count();
    if (!this.has(length)) await this.need(length);
    return this.#text(length);
  }

  /** `count` strings. */
  async strings(count: number): Promise<string[]> {
    this.requireRoom(count * 8);
    const result: string[] = [];
    // Waiting costs more than reading a token: wait only at the end of a chunk.
    while (result.length < count) result.push(this.#stringAtHand() ?? (await this.string()));
    return result;
  }

  /** `null`, and nothing read, where the string is not wholly here yet. */
  #stringAtHand(): string | null {
    if (!this.has(8)) return null;
    const length = this.count();
    if (this.has(length)) return this.#text(length);
    this.#at -= 8;
    return null;
  }

  /** Tokens and merges are short and mostly of one-byte or two-byte characters: faster by hand than by `TextDecoder`. */
  #text(length: number): string {
    const bytes = this.#bytes;
    const at = this.#advance(length);
    const end = at + length;
    if (length > 32) return this.#utf8.decode(bytes.subarray(at, end));
    let text = '';
    for (let i = at; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte < 0x80) {
        text += String.fromCharCode(byte);
        continue;
      }
      const next = i + 1 < end ? (bytes[i + 1] ?? 0) : 0;
      if (byte < 0xc2 || byte > 0xdf || (next & 0xc0) !== 0x80) {
        return this.#utf8.decode(bytes.subarray(at, end));
      }
      text += String.fromCharCode(((byte & 0x1f) << 6) | (next & 0x3f));
      i++;
    }
    return text;
  }

  #advance(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new Error('read before need()');
    this.#at = at + bytes;
    return at;
  }
}
