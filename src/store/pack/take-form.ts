import { AppError } from '../../contract/errors.ts';
import type { ModelId } from '../../contract/model.ts';
import type { Files } from '../files.ts';
import { wholeCompiled, type CompiledForm } from '../inventory.ts';
import { compiledFolder } from '../layout.ts';
import { writeManifest } from '../records.ts';
import { piecesOf, receive, type ReceiveHooks } from '../verify.ts';
import type { Pack, PackedForm } from './pack-format.ts';

/**
 * Copies a form out of a pack, each file compared with its hash; the manifest comes last. One that is not as the pack
 * says leaves nothing: it is a cache, and can be built anew.
 * @returns null for such a one
 */
export async function takeForm(
  files: Files,
  id: ModelId,
  pack: Pack,
  form: PackedForm,
  hooks: ReceiveHooks,
): Promise<CompiledForm | 'cancelled' | null> {
  const folder = compiledFolder(form.name);
  const sources = pack.filesOf(form);
  let doneBytes = 0;
  let isKept = false;
  try {
    for (const [at, { name, totalBytes, sha256 }] of form.files.entries()) {
      const source = sources[at];
      if (source === undefined) return null;
      const before = doneBytes;
      const file = await files.create(`${folder}/${name}`);
      try {
        const received = await receive(piecesOf(source), file, {
          onProgress: (bytes) => hooks.onProgress(before + bytes),
          signal: hooks.signal,
        });
        if (received === 'cancelled') return 'cancelled';
        if (received.sha256 !== sha256) return null;
        await file.close();
      } finally {
        await file.abort();
      }
      doneBytes += totalBytes;
    }
    await writeManifest(files, form.name, { ...form.manifest, isFromPack: true });
    const whole = await wholeCompiled(files, form.name, id);
    if (whole === null) throw new AppError('pack-damaged', `${form.name} is not as it says`);
    isKept = true;
    return whole;
  } finally {
    if (!isKept) await files.remove(folder);
  }
}
