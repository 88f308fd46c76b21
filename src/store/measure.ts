import type { CompiledManifest, WasmManifest } from '../contract/model.ts';
import { AppError } from '../contract/errors.ts';
import type { ByteSource, SyncByteSource } from '../lib/bytes.ts';
import { readWhole, type Files } from './files.ts';

/** The files of a compiled model, its manifest not among them yet. */
export interface UnsealedFolder {
  /** A whole small file. */
  read(name: string): Promise<Uint8Array>;
  openSync(name: string): Promise<SyncByteSource>;
  /** The GGUF that it was made from. */
  openSource(): Promise<ByteSource>;
}

/**
 * Runs compiled weights, or some of them, in a way that can be relied on, for the device to be compared with. For a GPU, takes the memory of the
 * weights twice while it runs.
 * @param onStep called every few seconds or more often
 * @returns the manifest, nothing lacking
 */
export type Measure = (
  folder: UnsealedFolder,
  manifest: UnmeasuredManifest,
  onStep: () => void,
) => Promise<CompiledManifest>;

export type UnmeasuredManifest = Exclude<CompiledManifest, WasmManifest>;

/** Whether a manifest lacks what the device has to answer: without that it cannot be trusted with it. */
export function isUnmeasured(manifest: CompiledManifest): manifest is UnmeasuredManifest {
  return manifest.target !== 'wasm-int8' && manifest.selfTest === null;
}

/** @param path of the folder @param sourcePath of the GGUF */
export function unsealedFolder(files: Files, path: string, sourcePath: string): UnsealedFolder {
  return {
    async read(name) {
      const bytes = await readWhole(files, `${path}/${name}`);
      if (bytes === null) throw new AppError('compiled-damaged', `${name} is not there`);
      return bytes;
    },
    openSync: (name) => files.openSync(`${path}/${name}`),
    openSource: () => files.open(sourcePath),
  };
}
