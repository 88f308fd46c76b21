import type { DecoderShape, MatrixKind, StoredMatrices } from '../contract/model.ts';
import type { BlockType } from '../gguf/block-types.ts';
import { INTEGER_BITS } from '../gguf/own-scales.ts';
import type { FloatType } from './graph-builder.ts';
import { layerMatrices } from './layer-matrices.ts';
import { BLOCKS_4BIT } from './linear/blocks-4bit.ts';
import { BLOCKS_8BIT } from './linear/blocks-8bit.ts';
import { BLOCK_SIZE, type BlockForm } from './linear/blocks.ts';
import type { HeadTensors } from './tied.ts';

/**
 * Four bits where they hold the source's own weights exactly, else eight, which hold Q5_0 and Q8_0 exactly too. Chosen
 * by measured divergence: four bits for one kind of matrix alone cost 30 to 130 times the divergence of all in eight
 * (src/ARCHITECTURE.md, "Bits of the GPU's matrices").
 *
 * @param types of the tensors that become one matrix
 */
export function blockForm(types: readonly BlockType[]): BlockForm {
  return types.every((type) => INTEGER_BITS[type] === 4) ? BLOCKS_4BIT : BLOCKS_8BIT;
}

/** How every matrix will be stored, without reading one. */
export function storedMatrices(
  shape: DecoderShape,
  tensors: HeadTensors,
  typeOf: (tensor: string) => BlockType,
  float: FloatType,
): readonly StoredMatrices[] {
  const { layers, width, vocabulary } = shape;
  const sums = new Map<string, StoredMatrices>();
  const add = (kind: MatrixKind, names: readonly string[], weights: number) => {
    const { bits } = blockForm(names.map(typeOf));
    const scaleBytes = (weights / BLOCK_SIZE) * (float === 'float16' ? 2 : 4);
    const totalBytes = (weights * bits) / 8 + scaleBytes;
    const key = `${kind} ${bits}`;
    const sum = sums.get(key) ?? { kind, bits, blockSize: BLOCK_SIZE, matrices: 0, totalBytes: 0 };
    sums.set(key, {
      ...sum,
      matrices: sum.matrices + 1,
      totalBytes: sum.totalBytes + totalBytes,
    });
  };
  for (const [kind, { tensors, outputs, inputs }] of Object.entries(layerMatrices(shape))) {
    const weights = inputs * outputs.reduce((sum, n) => sum + n, 0);
    for (let l = 0; l < layers; l++) {
      add(
        kind as MatrixKind,
        tensors.map((tensor) => `blk.${l}.${tensor}.weight`),
        weights,
      );
    }
  }
  add('head', [tensors.head], vocabulary * width);
  if (tensors.embedding !== null) add('embedding', [tensors.embedding], vocabulary * width);
  return [...sums.values()];
}

/** Blocks and scales that one decoded token reads: every product, and of the embedding one row, which does not count. */
export function bytesPerToken(matrices: readonly StoredMatrices[]): number {
  return matrices
    .filter(({ kind }) => kind !== 'embedding')
    .reduce((sum, { totalBytes }) => sum + totalBytes, 0);
}
