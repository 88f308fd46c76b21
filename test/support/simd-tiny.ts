import { startNodeThread } from '../../models/cli/kernel-threads.ts';
import { readKernels } from '../../models/cli/read-kernels.ts';
import {
  openSimd,
  type OpenedSimdModel,
  type SimdOptions,
  type VerifiedFile,
} from '../../src/engine/simd/open-simd.ts';
import type { SyncByteSource } from '../../src/lib/bytes.ts';

/** The CPU engine on a GGUF in memory, with one thread unless told otherwise, and never fewer than told. */
export function openInMemory(
  gguf: Uint8Array,
  options: Partial<SimdOptions> = {},
  file: Partial<VerifiedFile> = {},
): Promise<OpenedSimdModel> {
  const source = syncSourceOf(gguf);
  return openSimd(
    { source, totalBytes: gguf.byteLength, fingerprint: null, ...file },
    {
      contextTokens: 64,
      threads: 1,
      keepsThreads: true,
      readKernels,
      startThread: startNodeThread,
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
