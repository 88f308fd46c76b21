/** Puts a model together as one file. Only hashes are computed: the files themselves stay on the disk until it is saved. */
import type { SharableFiles } from '../files.ts';
import type { StoredSource } from '../inventory.ts';
import { sourceFile } from '../layout.ts';
import { piecesOf, receive, type ReceiveHooks } from '../verify.ts';
import { encodePackHead, type PackedFile, type PackedForm } from './pack-format.ts';

/** @param hooks its progress counts the bytes of the forms */
export async function makePack(
  files: SharableFiles,
  { record, forms }: StoredSource,
  hooks: ReceiveHooks,
): Promise<Blob | 'cancelled'> {
  const packed: PackedForm[] = [];
  const blobs: Blob[] = [await files.blob(sourceFile(record.id))];
  let doneBytes = 0;
  for (const { folder, manifest } of forms.values()) {
    const listed: PackedFile[] = [];
    for (const { name, totalBytes } of manifest.files) {
      const before = doneBytes;
      const received = await receive(piecesOf(await files.open(`${folder}/${name}`)), null, {
        onProgress: (bytes) => hooks.onProgress(before + bytes),
        signal: hooks.signal,
      });
      if (received === 'cancelled') return 'cancelled';
      doneBytes += totalBytes;
      listed.push({ name, totalBytes, sha256: received.sha256 });
      blobs.push(await files.blob(`${folder}/${name}`));
    }
    packed.push({ name: folder.slice(folder.lastIndexOf('/') + 1), manifest, files: listed });
  }
  const { id, fileName, totalBytes } = record;
  const head = encodePackHead({ source: { id, fileName, totalBytes }, forms: packed });
  return new Blob([head, ...blobs]);
}
