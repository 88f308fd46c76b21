import { AppError } from '../contract/errors.ts';
import type { SyncByteSource } from '../lib/bytes.ts';

/** One compiled model's folder, wherever it lies. Both reject with `compiled-damaged` or `model-missing`. */
export interface ModelFolder {
  /** A whole small file. */
  read(name: string): Promise<Uint8Array>;
  /** A large one, to be read while the model lives. */
  openSync(name: string): Promise<SyncByteSource>;
}

/** @throws AppError `compiled-damaged` when the file is not one JSON object in UTF-8 */
export async function readJson(folder: Pick<ModelFolder, 'read'>, name: string): Promise<object> {
  const bytes = await folder.read(name);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new AppError('compiled-damaged', `${name} is not JSON`, { cause });
  }
  throw new AppError('compiled-damaged', `${name} is not an object`);
}
