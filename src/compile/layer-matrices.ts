import type { DecoderShape, MatrixKind } from '../contract/model.ts';
import type { WeightReader } from './weight-reader.ts';

/** The four products of a layer. Matrices of the GGUF that share an input lie side by side in one. */
export type LayerMatrix = Exclude<MatrixKind, 'head' | 'embedding'>;

export interface LayerMatrixShape {
  /** Names in the GGUF, without `blk.LAYER.` and `.weight`, in the order of their outputs. */
  readonly tensors: readonly string[];
  /** Outputs of each. */
  readonly outputs: readonly number[];
  readonly inputs: number;
}

export function layerMatrices(
  shape: DecoderShape,
): Readonly<Record<LayerMatrix, LayerMatrixShape>> {
  const { width, feedForwardWidth: inner } = shape;
  const queryWidth = shape.queryHeads * shape.headSize;
  const kvWidth = shape.keyValueHeads * shape.headSize;
  return {
    qkv: {
      tensors: ['attn_q', 'attn_k', 'attn_v'],
      outputs: [queryWidth, kvWidth, kvWidth],
      inputs: width,
    },
    output: { tensors: ['attn_output'], outputs: [width], inputs: queryWidth },
    gate_up: { tensors: ['ffn_gate', 'ffn_up'], outputs: [inner, inner], inputs: width },
    down: { tensors: ['ffn_down'], outputs: [width], inputs: inner },
  };
}

/** The matrices' biases side by side, zeros where one has none; null when none has. */
export async function readBias(
  reader: WeightReader,
  layer: number,
  { tensors, outputs }: LayerMatrixShape,
): Promise<Float32Array | null> {
  const names = tensors.map((tensor) => `blk.${layer}.${tensor}.bias`);
  if (!names.some((name) => reader.has(name))) return null;
  const bias = new Float32Array(outputs.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (const [index, name] of names.entries()) {
    if (reader.has(name)) bias.set(await reader.vector(name), at);
    at += outputs[index] ?? 0;
  }
  return bias;
}
