import { nodeThreads } from '../../models/cli/kernel-threads.ts';
import { readKernels } from '../../models/cli/read-kernels.ts';
import type { SimdManifest } from '../../src/contract/model.ts';
import {
  openSimd,
  type OpenedSimdModel,
  type SimdOptions,
} from '../../src/engine/simd/open-simd.ts';
import type { SyncByteSource } from '../../src/lib/bytes.ts';
import { compileForSimdInMemory } from './compiled-tiny.ts';

/** What may have changed between preparing a model and opening it. */
export interface Changes {
  readonly source?: SyncByteSource;
  readonly manifest?: Partial<SimdManifest>;
}

/** Prepares a GGUF in memory and opens it on the CPU engine: with one thread unless told otherwise, and never fewer than told. */
export async function openInMemory(
  gguf: Uint8Array,
  options: Partial<SimdOptions> = {},
  changes: Changes = {},
): Promise<OpenedSimdModel> {
  const { folder, manifest } = await compileForSimdInMemory(gguf);
  const read = async (name: string) =>
    name === 'manifest.json'
      ? new TextEncoder().encode(JSON.stringify({ ...manifest, ...changes.manifest }))
      : folder.read(name);
  return openSimd(
    { folder: { read }, openSource: async () => changes.source ?? syncSourceOf(gguf) },
    {
      contextTokens: 64,
      threads: 1,
      keepsThreads: true,
      readKernels,
      startThread: await nodeThreads(),
      ...options,
    },
    () => {},
  );
}

export function syncSourceOf(bytes: Uint8Array): SyncByteSource & { isClosed: boolean } {
  return {
    totalBytes: bytes.byteLength,
    isClosed: false,
    readInto(offset, target) {
      if (offset + target.byteLength > bytes.byteLength) throw new RangeError('past the end');
      target.set(bytes.subarray(offset, offset + target.byteLength));
    },
    close() {
      this.isClosed = true;
    },
  };
}
