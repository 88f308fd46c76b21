/** The step from a file that was verified to a source of the store. */
import { readWhole, writeWhole, type Files } from '../files.ts';
import { CHUNK_HASHES_NAME, sourceFile, sourceFolder } from '../layout.ts';
import type { ModelId } from '../../contract/model.ts';
import { writeRecord, type SourceRecord } from '../records.ts';

/**
 * Gives a whole and verified file its final name. The move comes last: whenever this program dies, either the file
 * is a source with all that belongs to it, or it still lies where it was.
 *
 * Only with the store's claim.
 * @param hashes SHA-256 of its chunks, in order: what finds the damaged ones later
 */
export async function admit(
  files: Files,
  from: string,
  record: SourceRecord,
  hashes: readonly string[],
): Promise<void> {
  await writeChunkHashes(files, record.id, hashes);
  await writeRecord(files, record);
  await files.move(from, sourceFile(record.id));
}

export async function writeChunkHashes(
  files: Files,
  id: ModelId,
  hashes: readonly string[],
): Promise<void> {
  const path = `${sourceFolder(id)}/${CHUNK_HASHES_NAME}`;
  await writeWhole(files, path, new TextEncoder().encode(`${hashes.join('\n')}\n`));
}

/** Of a source: null where they were not kept, or cannot be read. */
export async function readChunkHashes(
  files: Files,
  id: ModelId,
): Promise<readonly string[] | null> {
  const bytes = await readWhole(files, `${sourceFolder(id)}/${CHUNK_HASHES_NAME}`);
  if (bytes === null) return null;
  const hashes = new TextDecoder().decode(bytes).trimEnd().split('\n');
  return hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)) ? hashes : null;
}
