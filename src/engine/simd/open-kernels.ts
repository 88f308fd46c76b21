/** Finds the build of the kernels that this browser runs, and starts it on a memory. */
import { AppError } from '../../contract/errors.ts';
import type { KernelExports } from './kernel-exports.ts';

/** One source, two builds: `relaxed` uses relaxed SIMD (Chrome 114, Firefox 146), `plain` what every browser has. */
export const KERNEL_BUILDS = ['relaxed', 'plain'] as const;
export type KernelBuild = (typeof KERNEL_BUILDS)[number];

/** The bytes of one build's `.wasm`. */
export type ReadKernels = (build: KernelBuild) => Promise<BufferSource>;

export interface Kernels {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module;
}

/**
 * The first of `builds` that this browser accepts.
 * @throws AppError `runtime-failed` when it accepts none: no SIMD, or no threads
 */
export async function openKernels(
  read: ReadKernels,
  builds: readonly KernelBuild[] = KERNEL_BUILDS,
): Promise<Kernels> {
  for (const build of builds) {
    const bytes = await read(build);
    if (!WebAssembly.validate(bytes)) continue;
    return { build, module: await WebAssembly.compile(bytes) };
  }
  throw new AppError('runtime-failed', `no build of the kernels is valid here: ${builds.join()}`);
}

/** A module's functions, working on `memory`. Every thread has its own. */
export function startKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): KernelExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as KernelExports;
}
