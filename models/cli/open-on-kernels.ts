import { openSimd, type OpenedSimdModel } from '../../src/engine/simd/open-simd.ts';
import { buildKernels } from '../../src/kernels/build-kernels.ts';
import { nodeThreads } from './kernel-threads.ts';
import { nodeModelFolder, openNodeSync } from './open-compiled-folder.ts';
import { readKernels } from './read-kernels.ts';
import { cpuThreads } from './threads.ts';

/**
 * Opens a model on the CPU engine of our own kernels.
 * @param folder that `compileToFolder` wrote for the target `simd-int8`
 * @param file the GGUF that it was made from
 */
export async function openOnKernels(
  folder: string,
  file: string,
  contextTokens: number,
): Promise<OpenedSimdModel> {
  await buildKernels();
  return openSimd(
    { folder: nodeModelFolder(folder), openSource: async () => openNodeSync(file) },
    { contextTokens, threads: cpuThreads(), readKernels, startThread: await nodeThreads() },
    () => {},
  );
}
