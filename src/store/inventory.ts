/** What lies in the store: what is whole, and what is left over from work that died. Looks, and changes nothing. */
import { toModelId, type CompiledManifest, type ModelId, type Target } from '../contract/model.ts';
import { RUN_TARGETS } from '../contract/rungs.ts';
import type { Files } from './files.ts';
import {
  CHUNK_HASHES_NAME,
  COMPILED,
  compiledFolder,
  MODEL_NAME,
  RECORD_NAME,
  sourceFile,
  sourceFolder,
  SOURCES,
} from './layout.ts';
import { readManifest, readRecord, type SourceRecord } from './records.ts';

export interface Inventory {
  readonly sources: ReadonlyMap<ModelId, StoredSource>;
  /** Paths of files and folders that nothing needs. */
  readonly leftovers: readonly string[];
}

export interface StoredSource {
  readonly record: SourceRecord;
  readonly forms: ReadonlyMap<Target, CompiledForm>;
}

export interface CompiledForm {
  readonly folder: string;
  readonly manifest: CompiledManifest;
}

/**
 * @param compiledName the folder in which the form of a source for a target belongs now; those of other versions are leftovers
 * @param guideId of the guide that comes with this version of the page; those of other versions are leftovers
 */
export async function takeStock(
  files: Files,
  compiledName: (id: ModelId, target: Target) => string,
  guideId: ModelId,
): Promise<Inventory> {
  const sources = new Map<ModelId, StoredSource>();
  const leftovers: string[] = [];
  const expected = new Set<string>();

  for (const { name, kind } of await files.list(SOURCES)) {
    const record = kind === 'folder' ? await wholeSource(files, name) : null;
    if (record === null || (record.origin.type === 'guide' && record.id !== guideId)) {
      leftovers.push(`${SOURCES}/${name}`);
      continue;
    }
    const forms = new Map<Target, CompiledForm>();
    for (const target of RUN_TARGETS) {
      const compiled = await wholeCompiled(files, compiledName(record.id, target), record.id);
      if (compiled === null) continue;
      forms.set(target, compiled);
      expected.add(compiledName(record.id, target));
    }
    sources.set(record.id, { record, forms });
    leftovers.push(...(await strangers(files, sourceFolder(record.id), OF_A_SOURCE)));
  }
  for (const { name } of await files.list(COMPILED)) {
    if (!expected.has(name)) leftovers.push(compiledFolder(name));
  }
  return { sources, leftovers };
}

/** The compiled form in this folder, if every file is there with its size; null otherwise. */
export async function wholeCompiled(
  files: Files,
  name: string,
  id: ModelId,
): Promise<CompiledForm | null> {
  const manifest = await readManifest(files, name, id);
  if (manifest === null) return null;
  const folder = compiledFolder(name);
  for (const file of manifest.files) {
    if ((await files.size(`${folder}/${file.name}`)) !== file.totalBytes) return null;
  }
  return { folder, manifest };
}

/** Bytes a compiled form takes, its manifest not counted. */
export function compiledBytes({ manifest }: CompiledForm): number {
  return manifest.files.reduce((sum, file) => sum + file.totalBytes, 0);
}

/** What the record says, if the file that it describes is there with its length; null otherwise. */
export async function wholeSource(files: Files, name: string): Promise<SourceRecord | null> {
  if (!/^[0-9a-f]{64}$/.test(name)) return null;
  const id = toModelId(name);
  const record = await readRecord(files, id);
  if (record === null) return null;
  return (await files.size(sourceFile(id))) === record.totalBytes ? record : null;
}

const OF_A_SOURCE: ReadonlySet<string> = new Set([MODEL_NAME, RECORD_NAME, CHUNK_HASHES_NAME]);

async function strangers(
  files: Files,
  folder: string,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const entries = await files.list(folder);
  return entries.filter(({ name }) => !known.has(name)).map(({ name }) => `${folder}/${name}`);
}
