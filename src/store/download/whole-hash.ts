/**
 * SHA-256 of a file whose chunks come in any order: each is hashed from memory when its turn has come by then, and
 * read back from disk otherwise. Needed where nobody published the hashes of the chunks.
 */
import { toModelId, type ModelId } from '../../contract/model.ts';
import { yieldToEvents } from '../../lib/yield-to-events.ts';
import { CHUNK_BYTES, chunkCount } from './chunks.ts';
import type { Hashing, RunningHash } from './hashing.ts';
import type { PartFile } from './part-file.ts';

/** Chunks read back whenever one arrives: enough to catch up, too few to hold the network up. */
const CATCH_UP = 2;

export class WholeHash {
  readonly #part: PartFile;
  readonly #hash: RunningHash;
  #buffer = new Uint8Array(CHUNK_BYTES);
  #next = 0;
  #isReading = false;

  constructor(part: PartFile, hashing: Hashing) {
    this.#part = part;
    this.#hash = hashing.begin();
  }

  /**
   * Takes the bytes if it is their turn, and gives them back.
   * @param bytes all of a chunk that was just written, and is not recorded yet
   */
  async take(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    if (index !== this.#next) return bytes;
    this.#next++;
    return this.#hash.add(bytes);
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
  async restart(): Promise<void> {
    this.#next = 0;
    await this.#hash.restart();
  }

  /** Of a part that is whole. */
  async finish(signal: AbortSignal): Promise<ModelId | 'stopped'> {
    const count = chunkCount(this.#part.totalBytes ?? 0);
    while (this.#next < count) {
      await yieldToEvents();
      if (signal.aborted) return 'stopped';
      await this.#readBack();
    }
    return toModelId(await this.#hash.digest());
  }

  async #readBack(): Promise<void> {
    const bytes = await this.#part.read(this.#next, this.#buffer);
    this.#next++;
    const { buffer } = await this.#hash.add(this.#buffer.subarray(0, bytes));
    this.#buffer = new Uint8Array(buffer);
  }
}
