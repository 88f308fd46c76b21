/** What the simd engine needs to know of a GGUF to load it by itself. Its weights stay where they are. */
import type { SimdManifest, SourceTensor } from '../contract/model.ts';
import { BLOCK_TYPES } from '../gguf/block-types.ts';
import type { GgufFile, TensorInfo } from '../gguf/read-gguf.ts';
import { present } from '../lib/assert.ts';
import type { ByteSource } from '../lib/bytes.ts';
import { createFingerprint } from '../lib/fingerprint.ts';
import type { HeadTensors } from './tied.ts';

/** What one read of the source fetches. */
const READ_BYTES = 4 << 20;

/** @param onBytes awaited after each read with its size */
export async function describeForSimd(
  source: ByteSource,
  gguf: GgufFile,
  tensors: HeadTensors,
  onBytes: (bytes: number) => Promise<void>,
): Promise<Pick<SimdManifest, 'target' | 'fingerprint' | 'isTied' | 'tensors' | 'selfTest'>> {
  const fingerprint = await createFingerprint();
  for (let at = 0; at < source.totalBytes; at += READ_BYTES) {
    const bytes = await source.read(at, Math.min(READ_BYTES, source.totalBytes - at));
    fingerprint.update(bytes);
    await onBytes(bytes.byteLength);
  }
  return {
    target: 'simd-int8',
    fingerprint: fingerprint.digest(),
    isTied: tensors.embedding === null,
    tensors: [...gguf.tensors.values()].toSorted((a, b) => a.offset - b.offset).map(sourceTensor),
    selfTest: null,
  };
}

function sourceTensor({
  name,
  type,
  dims,
  elements,
  offset,
  byteLength,
}: TensorInfo): SourceTensor {
  const columns = present(dims[0], `first dimension of ${name}`);
  const { ggmlId } = BLOCK_TYPES[type];
  return { name, ggmlType: ggmlId, rows: elements / columns, columns, offset, byteLength };
}
