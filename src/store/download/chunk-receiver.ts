/** Puts the pieces of one answer together into the chunks of one claim. */
import { CHUNK_BYTES, chunkAt, chunkLength, chunkStart } from './chunks.ts';
import type { Claim } from './claims.ts';
import type { PartFile } from './part-file.ts';

/**
 * Writes a chunk, or the beginning of one. Resolves once the bytes are written; they belong to the receiver again when
 * `recorded` resolves to them: then their hash is known and written down.
 */
export type KeepChunk = (
  index: number,
  bytes: Uint8Array<ArrayBuffer>,
) => Promise<{ readonly recorded: Promise<Uint8Array<ArrayBuffer>> }>;

/** Hashes that may be under way while the next chunk comes; each holds the memory of a chunk. */
const MOST_UNRECORDED = 4;

export class ChunkReceiver {
  readonly #part: PartFile;
  readonly #claim: Claim;
  readonly #keep: KeepChunk;
  readonly #unrecorded: { bytes: number; readonly recorded: Promise<Uint8Array<ArrayBuffer>> }[] =
    [];
  /** Memory of chunks that are recorded. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #buffer = new Uint8Array(CHUNK_BYTES);
  #position: number;
  /** Bytes at the beginning of `#buffer` that belong to the chunk that is being received. */
  #filled = 0;
  /** Of these, how many are recorded. */
  #known = 0;

  private constructor(part: PartFile, claim: Claim, from: number, keep: KeepChunk) {
    this.#part = part;
    this.#claim = claim;
    this.#position = from;
    this.#keep = keep;
  }

  /**
   * @param claim its `at` moves on as bytes come
   * @param from offset in the file of the first byte that will come; what lies before the claim is skipped
   */
  static async begin(
    part: PartFile,
    claim: Claim,
    from: number,
    keep: KeepChunk,
  ): Promise<ChunkReceiver> {
    const receiver = new ChunkReceiver(part, claim, from, keep);
    await receiver.#beginChunk();
    return receiver;
  }

  /** Bytes of the claim that have come and are not recorded yet. */
  get looseBytes(): number {
    return this.#unrecorded.reduce((sum, { bytes }) => sum + bytes, this.#filled - this.#known);
  }

  /** Offset in the file after the last byte that came. */
  get position(): number {
    return this.#position;
  }

  get isDone(): boolean {
    return this.#claim.at >= this.#claim.end;
  }

  /** What comes after the claim is met is not looked at. */
  async take(piece: Uint8Array): Promise<void> {
    for (let rest = piece; rest.byteLength > 0 && !this.isDone;) {
      const { at, end } = this.#claim;
      if (this.#position < at) {
        const skipped = Math.min(at - this.#position, rest.byteLength);
        this.#position += skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const index = chunkAt(at);
      const chunkEnd = chunkStart(index) + chunkLength(index, this.#part.totalBytes);
      const taken = Math.min(rest.byteLength, Math.min(chunkEnd, end) - at);
      this.#buffer.set(rest.subarray(0, taken), this.#filled);
      this.#filled += taken;
      this.#position += taken;
      this.#claim.at += taken;
      rest = rest.subarray(taken);
      if (this.#claim.at === chunkEnd) {
        await this.#hand(index);
        await this.#beginChunk();
      }
    }
  }

  /** However the connection ended: keeps what came of the last chunk, and waits until all is recorded. */
  async finish(): Promise<void> {
    try {
      if (this.#filled > this.#known) await this.#hand(chunkAt(this.#claim.at - 1));
    } finally {
      while (this.#unrecorded.length > 0) await this.#settleOldest();
    }
  }

  async #hand(index: number): Promise<void> {
    const bytes = this.#filled - this.#known;
    const begun = this.#buffer.subarray(0, this.#filled);
    const { recorded } = await this.#keep(index, begun).finally(() => {
      this.#filled = 0;
      this.#known = 0;
    });
    const chunk = { bytes, recorded };
    const end = () => void (chunk.bytes = 0);
    recorded.then(end, end); // a failure is heard by `#settleOldest`
    this.#unrecorded.push(chunk);
    this.#buffer = this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES);
    if (this.#unrecorded.length > MOST_UNRECORDED) await this.#settleOldest();
  }

  async #settleOldest(): Promise<void> {
    try {
      const bytes = await this.#unrecorded[0]?.recorded;
      if (bytes !== undefined) this.#spare.push(new Uint8Array(bytes.buffer));
    } finally {
      this.#unrecorded.shift();
    }
  }

  /** Leaps over chunks that are here, and reads what is here of the one that is to be received. */
  async #beginChunk(): Promise<void> {
    let index = chunkAt(this.#claim.at);
    while (!this.isDone && this.#part.has(index)) {
      index++;
      this.#claim.at = chunkStart(index);
    }
    if (this.isDone || this.#part.bytesOf(index) === 0) return;
    this.#filled = await this.#part.read(index, this.#buffer);
    this.#known = this.#filled;
    this.#claim.at = chunkStart(index) + this.#filled;
  }
}
