import type { DecoderShape, StoredMatrices, Target } from '../contract/model.ts';
import type { BlockType } from '../gguf/block-types.ts';
import { bytesPerToken, storedMatrices } from './bits.ts';
import { layerMatrices } from './layer-matrices.ts';
import { TARGETS } from './targets.ts';
import type { HeadTensors } from './tied.ts';

/** What a target makes of a model, without reading a weight. */
export interface TargetSizes {
  /** All matrices, blocks and scales, beside the source; 0 where it is used as it is. */
  readonly bytes: number;
  /** Of these, what one decoded token reads. */
  readonly bytesPerToken: number;
  readonly kvBytesPerToken: number;
  /** Where bits differ from matrix to matrix; null for int8 throughout. */
  readonly matrices: readonly StoredMatrices[] | null;
}

export function targetSizes(
  shape: DecoderShape,
  tensors: HeadTensors,
  typeOf: (tensor: string) => BlockType,
  target: Target,
): TargetSizes {
  const { layers, keyValueHeads, headSize, vocabulary, width } = shape;
  const { float } = TARGETS[target];
  const kvBytesPerToken = 2 * layers * keyValueHeads * headSize * (float === 'float16' ? 2 : 4);
  if (target === 'wasm-int8' || target === 'simd-int8') {
    const perToken = linearWeights(shape) + vocabulary * width;
    const matrices = perToken + (tensors.embedding === null ? 0 : vocabulary * width);
    const bytes = target === 'simd-int8' ? 0 : matrices;
    return { bytes, bytesPerToken: perToken, kvBytesPerToken, matrices: null };
  }
  const matrices = storedMatrices(shape, tensors, typeOf, float);
  const bytes = matrices.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  return { bytes, bytesPerToken: bytesPerToken(matrices), kvBytesPerToken, matrices };
}

/** Weights of all products of all layers, head not counted. */
export function linearWeights(shape: DecoderShape): number {
  const perLayer = Object.values(layerMatrices(shape)).reduce(
    (sum, { inputs, outputs }) => sum + inputs * outputs.reduce((rows, n) => rows + n, 0),
    0,
  );
  return shape.layers * perLayer;
}
