/**
 * A file in chunks: the unit that is hashed when it arrives, recorded, and fetched again alone when it turns out to be
 * damaged. The last one is shorter.
 */

/**
 * What a tab that dies can lose of each connection. Smaller chunks lose less and cost more hashes: 491 MB are 469
 * lines of 120 bytes in the journal.
 */
export const CHUNK_BYTES = 1 << 20;

export function chunkAt(offset: number): number {
  return Math.floor(offset / CHUNK_BYTES);
}

export function chunkStart(index: number): number {
  return index * CHUNK_BYTES;
}

/** @param totalBytes of the file; null while unknown, and every chunk is taken for a full one */
export function chunkLength(index: number, totalBytes: number | null): number {
  if (totalBytes === null) return CHUNK_BYTES;
  return Math.max(0, Math.min(CHUNK_BYTES, totalBytes - chunkStart(index)));
}

export function chunkCount(totalBytes: number): number {
  return Math.ceil(totalBytes / CHUNK_BYTES);
}
