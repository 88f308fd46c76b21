import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModel } from '../../src/compile/compile.ts';
import { COMPILER_VERSION } from '../../src/compile/targets.ts';
import type { WebGpuOptions } from '../../src/compile/webgpu-dialect.ts';
import type { CompiledManifest, Target } from '../../src/contract/model.ts';
import { measureSimdSelfTest } from '../../src/engine/simd/self-test.ts';
import type { ByteSource } from '../../src/lib/bytes.ts';
import { isUnmeasured } from '../../src/store/measure.ts';
import { CommandFailure } from './command-failure.ts';
import { hashFile, openFile } from './node-source.ts';
import { nodeModelFolder } from './open-compiled-folder.ts';
import { withScratchFolder } from './scratch-folder.ts';
import { cpuThreads } from './threads.ts';

const MANIFEST = 'manifest.json';
const COMPILED_FILES: ReadonlySet<string> = new Set([
  MANIFEST,
  'model.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
  'weights.bin',
]);

/**
 * Compiles into `folder`, which appears whole or not at all: work happens beside it. A compiled model that lies
 * there is replaced.
 *
 * @throws AppError when the GGUF is bad, `invalid-request` when `folder` holds something else, `storage-full` or
 *   `storage-unavailable` when it cannot be written
 */
export async function compileToFolder(
  file: string,
  target: Target,
  folder: string,
  onProgress: (fraction: number) => void,
  options: WebGpuOptions = {},
): Promise<CompiledManifest> {
  try {
    refuseOtherContents(folder);
    const source = await openFile(file);
    try {
      const origin = {
        id: await hashFile(file),
        fileName: basename(file),
        totalBytes: source.totalBytes,
      };
      const part = `${resolve(folder)}.part`;
      return await withScratchFolder(part, async () => {
        await rm(part, { recursive: true, force: true }); // of a process that was killed
        const hooks = {
          onProgress: (done: number, total: number) => onProgress(done / total),
          isCancelled: () => false,
        };
        const output = outputTo(part);
        const manifest = await compileModel(source, origin, target, output, hooks, options);
        if (manifest === 'cancelled') throw new Error('nobody cancels here');
        const measured = await withSelfTest(manifest, source, part, options);
        await writeFile(join(part, MANIFEST), JSON.stringify(measured));
        await rm(folder, { recursive: true, force: true });
        await rename(part, folder);
        return measured;
      });
    } finally {
      await source.close();
    }
  } catch (error) {
    throw asWriteFailure(error, folder);
  }
}

/** What a right device answers belongs to a compiled model; a graph for measuring goes to none. */
async function withSelfTest(
  manifest: CompiledManifest,
  source: ByteSource,
  folder: string,
  { returns }: WebGpuOptions,
): Promise<CompiledManifest> {
  if (!isUnmeasured(manifest) || returns === 'logits') return manifest;
  if (manifest.target === 'simd-int8') {
    return { ...manifest, selfTest: await measureSimdSelfTest(source, manifest) };
  }
  const { measureSelfTest } = await import('../../src/engine/ort/measure-self-test.ts');
  const options = { threads: cpuThreads(), runtime: { folderUrl: null } };
  const selfTest = await measureSelfTest(nodeModelFolder(folder), manifest, options);
  return { ...manifest, selfTest };
}

/** Where compiled models are kept unless the caller says otherwise. */
export const DEFAULT_CACHE = fileURLToPath(new URL('../compiled/', import.meta.url));

/** The compiled form of `file` in the folder `cache`, made now if this compiler has not made it before. */
export async function compiledFolder(
  file: string,
  target: Target,
  cache: string,
  onProgress: (fraction: number) => void,
): Promise<string> {
  const id = await hashFile(file);
  const folder = join(cache, `${id.slice(0, 16)}-${target}-v${COMPILER_VERSION}`);
  if (!existsSync(join(folder, MANIFEST))) await compileToFolder(file, target, folder, onProgress);
  return folder;
}

/** A folder is replaced only when it is empty or holds a compiled model and nothing else. */
function refuseOtherContents(folder: string): void {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  const isCompiled = names.includes(MANIFEST) && names.every((name) => COMPILED_FILES.has(name));
  if (names.length === 0 || isCompiled) return;
  throw new CommandFailure('invalid-request', `${folder} is not empty`, {
    sentence: `${folder} holds other files. Choose a new or empty folder.`,
  });
}

/** Makes the folder with its first file, so that a source which is refused leaves no trace. */
function outputTo(folder: string) {
  return {
    async create(name: string) {
      await mkdir(folder, { recursive: true });
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

function asWriteFailure(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new CommandFailure('storage-full', `no room for ${folder}`, {
        cause: error,
        sentence: `There is not enough room for ${folder}. Free some space, or choose a folder on another disk.`,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return new CommandFailure('storage-unavailable', `${code} while writing ${folder}`, {
        cause: error,
        sentence: `${folder} cannot be written. Choose another folder.`,
      });
    default:
      return error;
  }
}
