import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { KernelBuild } from '../../src/engine/simd/open-kernels.ts';

/** The kernels as `npm run kernels` builds them. */
export function readKernels(build: KernelBuild): Promise<Uint8Array<ArrayBuffer>> {
  if (process.versions.v8.startsWith('11.3.')) allowRelaxedSimd();
  return readFile(new URL(`../../src/kernels/build/${build}.wasm`, import.meta.url));
}

/**
 * V8 has relaxed SIMD without a flag from 11.4 on; Node 20 comes with 11.3, where the first runs of a module, before its code is
 * optimised, give wrong numbers with it (seen 2026-11-22). Both go with Node 20. Not for who does not run kernels: ORT starts
 * in seconds instead of tenths when all of it is optimised first.
 */
function allowRelaxedSimd(): void {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  setFlagsFromString('--no-liftoff');
}
