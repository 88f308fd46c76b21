/**
 * Where things lie. A folder counts only once its marker is there (`record.json`, `manifest.json`), which is
 * therefore written last; whatever is being written has a name that ends in `.part`.
 *
 *     sources/<sha256>/model.gguf
 *     sources/<sha256>/record.json
 *     sources/<sha256>/chunks.sha256
 *     compiled/<name that holds source, target and compiler version>/…
 *     compiled/<…>/manifest.json
 *     compiled/<…>/prefix.kv                    the system prompt, run; the engine's own
 *     downloads/<key>/…
 *
 * Sources and compiled forms belong to who holds the store's claim, downloads to who holds the downloader's.
 */
import type { DownloadKey } from '../contract/download.ts';
import type { ModelId, Target } from '../contract/model.ts';

/** Folder of OPFS under which all this lies; both workers open it. */
export const STORE_FOLDER = 'store';

export const SOURCES = 'sources';
export const COMPILED = 'compiled';
export const DOWNLOADS = 'downloads';

/** The one file that can be on its way in: only who holds the store's claim writes. */
export const INCOMING = `${SOURCES}/incoming.part`;

export const MODEL_NAME = 'model.gguf';
export const RECORD_NAME = 'record.json';
export const CHUNK_HASHES_NAME = 'chunks.sha256';
export const MANIFEST_NAME = 'manifest.json';
export const PREFIX_NAME = 'prefix.kv';

export function sourceFolder(id: ModelId): string {
  return `${SOURCES}/${id}`;
}

export function sourceFile(id: ModelId): string {
  return `${sourceFolder(id)}/${MODEL_NAME}`;
}

export function downloadFolder(key: DownloadKey): string {
  return `${DOWNLOADS}/${key}`;
}

/** `compiled/<this>`: sixteen digits of the hash tell sources apart, the manifest holds all of it. */
export function compiledName(id: ModelId, target: Target, compilerVersion: number): string {
  return `${id.slice(0, 16)}-${target}-v${compilerVersion}`;
}

/** @param name as `StoreOptions.compiledName` gives it */
export function compiledFolder(name: string): string {
  return `${COMPILED}/${name}`;
}
