/** The JSON beside the big files: read with distrust, because an older version of this program may have written it. */
import type { CompiledManifest, ModelId, ModelOrigin } from '../contract/model.ts';
import { readWhole, writeWhole, type Files } from './files.ts';
import { compiledFolder, MANIFEST_NAME, RECORD_NAME, sourceFolder } from './layout.ts';

/** `record.json`: what is known of a source. A new `version` comes with a migration of the old. */
export interface SourceRecord {
  readonly version: 2;
  readonly id: ModelId;
  /** As the GGUF calls itself. */
  readonly title: string;
  readonly fileName: string;
  readonly totalBytes: number;
  readonly origin: ModelOrigin;
  /** Who said beforehand which hash it has to have; null: nobody, it was computed here. */
  readonly vouchedBy: 'catalog' | 'host' | null;
  /** ISO 8601, UTC: when it was put here. */
  readonly addedAt: string;
  /** When every byte was last compared with the hash. */
  readonly verifiedAt: string;
}

/** Null when it is missing or is not a record of this id. */
export async function readRecord(files: Files, id: ModelId): Promise<SourceRecord | null> {
  const json = migrate(await readJson(files, `${sourceFolder(id)}/${RECORD_NAME}`));
  const isRecord =
    isObject(json) &&
    json['version'] === 2 &&
    json['id'] === id &&
    typeof json['title'] === 'string' &&
    typeof json['fileName'] === 'string' &&
    isByteCount(json['totalBytes']) &&
    isObject(json['origin']) &&
    typeof json['origin']['type'] === 'string' &&
    VOUCHERS.has(json['vouchedBy']) &&
    typeof json['addedAt'] === 'string' &&
    typeof json['verifiedAt'] === 'string';
  return isRecord ? (json as unknown as SourceRecord) : null;
}

const VOUCHERS: ReadonlySet<unknown> = new Set(['catalog', 'host', null]);

/** Version 1 did not say who vouched for the hash, and was verified when it was added. */
function migrate(json: unknown): unknown {
  if (!isObject(json) || json['version'] !== 1) return json;
  return { ...json, version: 2, vouchedBy: null, verifiedAt: json['addedAt'] };
}

export async function writeRecord(files: Files, record: SourceRecord): Promise<void> {
  await writeJson(files, `${sourceFolder(record.id)}/${RECORD_NAME}`, record);
}

/** Null when it is missing or does not speak of files compiled from this source. */
export async function readManifest(
  files: Files,
  name: string,
  id: ModelId,
): Promise<CompiledManifest | null> {
  const json = await readJson(files, `${compiledFolder(name)}/${MANIFEST_NAME}`);
  const isManifest =
    isObject(json) &&
    json['format'] === 1 &&
    isObject(json['source']) &&
    json['source']['id'] === id &&
    Array.isArray(json['files']) &&
    json['files'].every(
      (file) => isObject(file) && isFileName(file['name']) && isByteCount(file['totalBytes']),
    );
  return isManifest ? (json as unknown as CompiledManifest) : null;
}

export async function writeManifest(
  files: Files,
  name: string,
  manifest: CompiledManifest,
): Promise<void> {
  await writeJson(files, `${compiledFolder(name)}/${MANIFEST_NAME}`, manifest);
}

async function readJson(files: Files, path: string): Promise<unknown> {
  const bytes = await readWhole(files, path);
  if (bytes === null) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null; // torn or foreign: as good as missing, and what it described is made again
  }
}

async function writeJson(files: Files, path: string, value: object): Promise<void> {
  await writeWhole(files, path, new TextEncoder().encode(JSON.stringify(value, null, 1)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isByteCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFileName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-][\w.-]*$/.test(value);
}
