import type { DecoderShape } from '../../src/contract/model.ts';

/** Qwen2.5 0.5B. */
export const QWEN2_HALF_B: DecoderShape = {
  layers: 24,
  width: 896,
  feedForwardWidth: 4864,
  queryHeads: 14,
  keyValueHeads: 2,
  headSize: 64,
  vocabulary: 151_936,
  ropeBase: 1_000_000,
  rmsEpsilon: 1e-6,
  trainedContextTokens: 32_768,
};
