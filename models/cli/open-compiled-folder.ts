import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/contract/errors.ts';
import type { ModelFolder } from '../../src/engine/model-folder.ts';
import type { SyncByteSource } from '../../src/lib/bytes.ts';

/** A compiled model on this machine's disk. */
export function nodeModelFolder(folder: string): ModelFolder {
  return {
    async read(name) {
      try {
        return await readFile(join(folder, name));
      } catch (cause) {
        throw new AppError('compiled-damaged', `cannot read ${name}`, { cause });
      }
    },
    async openSync(name) {
      return openNodeSync(join(folder, name));
    },
  };
}

/** A file on disk, to be read while WASM is on the stack. */
export function openNodeSync(path: string): SyncByteSource {
  const handle = openSync(path, 'r');
  return {
    totalBytes: fstatSync(handle).size,
    readInto(offset, target) {
      for (let done = 0; done < target.byteLength;) {
        const read = readSync(handle, target, done, target.byteLength - done, offset + done);
        if (read === 0) throw new RangeError(`${path} ends before ${offset + target.byteLength}`);
        done += read;
      }
    },
    close: () => closeSync(handle),
  };
}
