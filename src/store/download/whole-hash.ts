/**
 * SHA-256 of a file whose chunks come in any order: each is hashed from memory when its turn has come by then, and
 * read back from disk otherwise. Needed where nobody published the hashes of the chunks.
 */
import { createSHA256 } from 'hash-wasm';
import { toModelId, type ModelId } from '../../contract/model.ts';
import { yieldToEvents } from '../../lib/yield-to-events.ts';
import { CHUNK_BYTES, chunkCount } from './chunks.ts';
import type { PartFile } from './part-file.ts';

/** Chunks read back whenever one arrives: enough to catch up, too few to hold the network up. */
const CATCH_UP = 2;

export class WholeHash {
  readonly #part: PartFile;
  readonly #hash: Awaited<ReturnType<typeof createSHA256>>;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #next = 0;
  #isReading = false;

  private constructor(part: PartFile, hash: Awaited<ReturnType<typeof createSHA256>>) {
    this.#part = part;
    this.#hash = hash;
  }

  static async of(part: PartFile): Promise<WholeHash> {
    return new WholeHash(part, await createSHA256());
  }

  /** @param bytes all of a chunk that was just written, recorded or not */
  take(index: number, bytes: Uint8Array): void {
    if (index !== this.#next) return;
    this.#hash.update(bytes);
    this.#next++;
  }

  /** Reads back a little of what lies on disk in front of what is being fetched. */
  async catchUp(): Promise<void> {
    if (this.#isReading) return; // for another connection
    this.#isReading = true;
    for (let count = 0; count < CATCH_UP && this.#part.has(this.#next); count++) {
      await this.#readBack();
    }
    this.#isReading = false;
  }

  /** What was hashed is not the file: begins anew. */
  restart(): void {
    this.#hash.init();
    this.#next = 0;
  }

  /** Of a part that is whole. */
  async finish(signal: AbortSignal): Promise<ModelId | 'stopped'> {
    const count = chunkCount(this.#part.totalBytes ?? 0);
    while (this.#next < count) {
      await yieldToEvents();
      if (signal.aborted) return 'stopped';
      await this.#readBack();
    }
    return toModelId(this.#hash.digest('hex'));
  }

  async #readBack(): Promise<void> {
    const bytes = await this.#part.read(this.#next, this.#buffer);
    this.#hash.update(this.#buffer.subarray(0, bytes));
    this.#next++;
  }
}
