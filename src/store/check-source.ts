/** Whether what lies on disk is still what its name says: every byte of it. */
import { readChunkHashes } from './download/admit.ts';
import { chunkLength } from './download/chunks.ts';
import type { Files } from './files.ts';
import { sourceFile } from './layout.ts';
import type { SourceRecord } from './records.ts';
import { piecesOf, receive, type ReceiveHooks } from './verify.ts';

export type SourceCheck =
  | { readonly type: 'sound' }
  /** @property damagedBytes in chunks that have to be fetched again; null where their hashes were not kept */
  | { readonly type: 'damaged'; readonly damagedBytes: number | null }
  | { readonly type: 'cancelled' };

export async function checkSource(
  files: Files,
  { id, totalBytes }: SourceRecord,
  hooks: ReceiveHooks,
): Promise<SourceCheck> {
  const found = await receive(piecesOf(await files.open(sourceFile(id))), null, hooks);
  if (found === 'cancelled') return { type: 'cancelled' };
  if (found.sha256 === id) return { type: 'sound' };
  const kept = await readChunkHashes(files, id);
  if (kept === null) return { type: 'damaged', damagedBytes: null };
  const damagedBytes = kept.reduce(
    (sum, hash, index) =>
      hash === found.chunkHashes[index] ? sum : sum + chunkLength(index, totalBytes),
    0,
  );
  return { type: 'damaged', damagedBytes };
}
