/** Hashes the chunks of a file that comes in order, in pieces of any length. */
import { CHUNK_BYTES } from './chunks.ts';
import { sha256Of } from './digest.ts';

/** Hashes under way, off this thread. */
const MOST_PENDING = 8;

export class ChunkHashes {
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  readonly #hashes: Promise<string>[] = [];
  #filled = 0;

  /** The piece may be overwritten afterwards. */
  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      const taken = Math.min(CHUNK_BYTES - this.#filled, piece.byteLength - at);
      this.#buffer.set(piece.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === CHUNK_BYTES) await this.#endChunk();
    }
  }

  /** All of them, in order. */
  async end(): Promise<readonly string[]> {
    if (this.#filled > 0) await this.#endChunk();
    return Promise.all(this.#hashes);
  }

  async #endChunk(): Promise<void> {
    this.#hashes.push(sha256Of(this.#buffer.subarray(0, this.#filled)));
    this.#filled = 0;
    await this.#hashes[this.#hashes.length - MOST_PENDING];
  }
}
