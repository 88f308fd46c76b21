import type { CompiledManifest, SelfTest, WebGpuManifest } from '../contract/model.ts';
import { AppError } from '../contract/errors.ts';
import type { SyncByteSource } from '../lib/bytes.ts';
import { readWhole, type Files } from './files.ts';

/** The files of a compiled model, its manifest not among them yet. */
export interface UnsealedFolder {
  /** A whole small file. */
  read(name: string): Promise<Uint8Array>;
  openSync(name: string): Promise<SyncByteSource>;
}

/**
 * Runs compiled weights on the CPU, for a GPU to be compared with. Takes the memory of the weights twice while it runs.
 * @param onStep called every few seconds or more often
 */
export type Measure = (
  folder: UnsealedFolder,
  manifest: WebGpuManifest,
  onStep: () => void,
) => Promise<SelfTest>;

/** Whether a manifest lacks what a GPU has to answer: without that no GPU can be trusted with it. */
export function isUnmeasured(manifest: CompiledManifest): manifest is WebGpuManifest {
  return manifest.target !== 'wasm-int8' && manifest.selfTest === null;
}

/** @param path of the folder */
export function unsealedFolder(files: Files, path: string): UnsealedFolder {
  return {
    async read(name) {
      const bytes = await readWhole(files, `${path}/${name}`);
      if (bytes === null) throw new AppError('compiled-damaged', `${name} is not there`);
      return bytes;
    },
    openSync: (name) => files.openSync(`${path}/${name}`),
  };
}
