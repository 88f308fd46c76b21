/** Who fetches what: divides the bytes that are missing among the connections. */
import { CHUNK_BYTES, chunkAt, chunkCount, chunkStart } from './chunks.ts';
import type { PartFile } from './part-file.ts';

/** What one connection fetches, in bytes of the file. Nobody else fetches any of it meanwhile. */
export interface Claim {
  /** Moves on as bytes come. */
  at: number;
  /** Exclusive; moves down, to the end of a chunk, when others take the rest. Infinity while the length is unknown. */
  end: number;
  /** What lies between may be here in part: the host sends only whole files. */
  readonly isWhole: boolean;
}

/**
 * What each of several connections asks for at a time. Bounded, so that nobody has to hang up on bytes that are on
 * their way already; in order, so that the hash of the whole can follow.
 */
export const SPAN_BYTES = 32 * CHUNK_BYTES;

export class Claims {
  readonly #part: PartFile;
  readonly #held = new Set<Claim>();

  constructor(part: PartFile) {
    this.#part = part;
  }

  /**
   * The first missing bytes that nobody has: all that follow for a connection that is alone, else a span of them. Null
   * when there is nothing to do for one more.
   */
  take(sendsParts: boolean): Claim | null {
    const isAlone = this.#held.size === 0;
    if (!isAlone) this.#shorten();
    const claim = sendsParts
      ? this.#firstFree(isAlone ? Infinity : SPAN_BYTES)
      : isAlone
        ? this.#fromFirstMissing()
        : null;
    if (claim !== null) this.#held.add(claim);
    return claim;
  }

  giveBack(claim: Claim): void {
    this.#held.delete(claim);
  }

  get count(): number {
    return this.#held.size;
  }

  #firstFree(mostBytes: number): Claim | null {
    const { totalBytes } = this.#part;
    if (totalBytes === null) return this.#held.size > 0 ? null : this.#fromFirstMissing();
    const count = chunkCount(totalBytes);
    let first = 0;
    while (first < count && !this.#isFree(first)) first++;
    if (first === count) return null;
    let end = first + 1;
    const last = Math.min(count, first + mostBytes / CHUNK_BYTES);
    while (end < last && this.#isFree(end) && this.#part.bytesOf(end) === 0) end++;
    return this.#claim(first, Math.min(chunkStart(end), totalBytes), false);
  }

  /** Takes from those who were alone what is beyond their span. */
  #shorten(): void {
    for (const claim of this.#held) {
      const spanEnd = chunkStart(chunkAt(claim.at)) + SPAN_BYTES;
      if (!claim.isWhole) claim.end = Math.min(claim.end, spanEnd);
    }
  }

  #fromFirstMissing(): Claim | null {
    const { totalBytes, isWhole } = this.#part;
    if (isWhole) return null;
    let first = 0;
    while (this.#part.has(first)) first++;
    return this.#claim(first, totalBytes ?? Infinity, true);
  }

  #claim(firstChunk: number, end: number, isWhole: boolean): Claim {
    return { at: chunkStart(firstChunk) + this.#part.bytesOf(firstChunk), end, isWhole };
  }

  #isFree(index: number): boolean {
    if (this.#part.has(index)) return false;
    const start = chunkStart(index);
    for (const { at, end } of this.#held) {
      if (start < end && start + CHUNK_BYTES > at) return false;
    }
    return true;
  }
}
