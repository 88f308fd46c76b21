import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModel } from '../../src/compile/compile.ts';
import { COMPILER_VERSION } from '../../src/compile/targets.ts';
import { AppError } from '../../src/contract/errors.ts';
import type { CompiledManifest, Target } from '../../src/contract/model.ts';
import { hashFile, openFile } from './node-source.ts';

/**
 * Compiles into `folder`, which appears whole or not at all: work happens beside it.
 *
 * @throws AppError when the GGUF is bad; a plain Error when `folder` holds something else
 */
export async function compileToFolder(
  file: string,
  target: Target,
  folder: string,
  onProgress: (fraction: number) => void,
): Promise<CompiledManifest> {
  if (existsSync(folder) && !isReplaceable(folder)) {
    throw new AppError('invalid-request', `${folder} is not empty`, {
      userMessage: `${folder} holds other files. Choose a new or empty folder.`,
    });
  }
  const part = `${resolve(folder)}.part`;
  const source = await openFile(file);
  try {
    const origin = {
      id: await hashFile(file),
      fileName: basename(file),
      totalBytes: source.totalBytes,
    };
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    const manifest = await compileModel(source, origin, target, outputTo(part), {
      onProgress: (done, total) => onProgress(done / total),
      isCancelled: () => false,
    });
    if (manifest === 'cancelled') throw new Error('nobody cancels here');
    await writeFile(join(part, 'manifest.json'), JSON.stringify(manifest));
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
    return manifest;
  } finally {
    await source.close();
    await rm(part, { recursive: true, force: true });
  }
}

/** The compiled form of `file` under `models/compiled/`, made now if this compiler has not made it before. */
export async function compiledFolder(
  file: string,
  target: Target,
  onProgress: (fraction: number) => void,
): Promise<string> {
  const root = fileURLToPath(new URL('../compiled/', import.meta.url));
  const id = await hashFile(file);
  const folder = join(root, `${id.slice(0, 16)}-${target}-v${COMPILER_VERSION}`);
  if (!existsSync(join(folder, 'manifest.json'))) {
    await mkdir(root, { recursive: true });
    await compileToFolder(file, target, folder, onProgress);
  }
  return folder;
}

const isReplaceable = (folder: string) =>
  existsSync(join(folder, 'manifest.json')) || readdirSync(folder).length === 0;

function outputTo(folder: string) {
  return {
    async create(name: string) {
      const handle = await open(join(folder, name), 'wx');
      return {
        async write(bytes: Uint8Array) {
          for (let done = 0; done < bytes.byteLength;) {
            done += (await handle.write(bytes, done)).bytesWritten;
          }
        },
        close: () => handle.close(),
      };
    },
  };
}
