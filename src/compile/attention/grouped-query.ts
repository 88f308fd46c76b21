/**
 * Grouped-query attention in ORT's fused operator, rotation inside: the fast path on WebGPU. The cache is static: past
 * and present are one buffer of the context's length, and only `seqlens_k` says how much of it is filled.
 */
import type { DecoderShape } from '../../contract/model.ts';
import type { GraphBuilder } from '../graph-builder.ts';

/** Inputs that all layers share. */
export interface GroupedQueryInputs {
  /** int32 `[1]`: tokens in the cache after this run, less one. */
  readonly lastToken: string;
  /** int32 `[1]`: tokens in the cache after this run. */
  readonly totalTokens: string;
  /** `[context, head / 2]`: rotation of every position. */
  readonly cos: string;
  readonly sin: string;
}

/** Declares them; call once. */
export function groupedQueryInputs(g: GraphBuilder, shape: DecoderShape): GroupedQueryInputs {
  const pairs = shape.headSize / 2;
  return {
    lastToken: g.input('seqlens_k', 'int32', [1]),
    totalTokens: g.input('total_sequence_length', 'int32', [1]),
    cos: g.input('cos_cache', g.floatType, ['context', pairs]),
    sin: g.input('sin_cache', g.floatType, ['context', pairs]),
  };
}

/** One layer: `qkv` `[1, new, (query + 2 kv) × head]` in, the mixed values `[1, new, query × head]` out. */
export function attendGrouped(
  g: GraphBuilder,
  shape: DecoderShape,
  { lastToken, totalTokens, cos, sin }: GroupedQueryInputs,
  layer: number,
  qkv: string,
): string {
  const { queryHeads, keyValueHeads, headSize } = shape;
  const dims = [1, keyValueHeads, 'context', headSize];
  const tensors = ['key', 'value'] as const;
  const past = tensors.map((tensor) =>
    g.input(`past_key_values.${layer}.${tensor}`, g.floatType, dims),
  );
  const present = tensors.map((tensor) => {
    const name = `present.${layer}.${tensor}`;
    g.output(name, g.floatType, dims);
    return name;
  });
  const mix = `l${layer}.mix`;
  g.microsoft(
    'GroupQueryAttention',
    [qkv, '', '', ...past, lastToken, totalTokens, cos, sin],
    [mix, ...present],
    {
      num_heads: queryHeads,
      kv_num_heads: keyValueHeads,
      do_rotary: 1,
      scale: { float: headSize ** -0.5 },
    },
  );
  return mix;
}
