import type { CompiledManifest } from '../../contract/model.ts';
import { unreachable } from '../../lib/assert.ts';

/** Bits of the model's file for each weight, its head, tokenizer and norms among them. */
export function bitsPerWeight(manifest: CompiledManifest): number {
  const { layers, width, feedForwardWidth, keyValueHeads, headSize, vocabulary } = manifest.shape;
  const attention = 2 * width * (width + keyValueHeads * headSize);
  const feedForward = 3 * width * feedForwardWidth;
  const ends = vocabulary * width * (isTied(manifest) ? 1 : 2);
  return (8 * manifest.source.totalBytes) / (layers * (attention + feedForward) + ends);
}

function isTied(manifest: CompiledManifest): boolean {
  switch (manifest.target) {
    case 'simd-int8':
      return manifest.isTied;
    case 'wasm-int8':
      return manifest.embedding === null;
    case 'webgpu-f16':
    case 'webgpu-f32':
      return !manifest.matrices.some(({ kind }) => kind === 'embedding');
    default:
      return unreachable(manifest);
  }
}
