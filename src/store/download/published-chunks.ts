/** `models/chunk-hashes.json`: SHA-256 of every chunk of files whose whole SHA-256 the catalogue pins. */
import { toModelId, type ModelId } from '../../contract/model.ts';
import { CHUNK_BYTES } from './chunks.ts';

/**
 * @param json the parsed file
 * @throws Error that names what is off: the file is part of the program, so a fault in it is a bug
 */
export function parseChunkHashes(json: unknown): ReadonlyMap<ModelId, readonly string[]> {
  if (!isObject(json) || json['version'] !== 1) throw new Error('chunk hashes: not version 1');
  if (json['chunkBytes'] !== CHUNK_BYTES) throw new Error('chunk hashes: of other chunks');
  const { files } = json;
  if (!isObject(files)) throw new Error('chunk hashes: no files');
  return new Map(
    Object.entries(files).map(([id, hashes]) => {
      if (!isHashList(hashes)) throw new Error(`chunk hashes: of ${id} are no hashes`);
      return [toModelId(id), hashes];
    }),
  );
}

function isHashList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
