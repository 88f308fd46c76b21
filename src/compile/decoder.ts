/**
 * The Qwen2 decoder between its two ends, reading like the paper (arXiv 2407.10671, §2): per layer attend and feed
 * forward, each behind an RMS norm and added back, then a last norm. What a backend does in its own way is its `Dialect`.
 */
import type { DecoderShape } from '../contract/model.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { LayerMatrix } from './layer-matrices.ts';
import type { WeightReader } from './weight-reader.ts';

/** How one backend wants products and attention. Names of values in, names out. */
export interface Dialect {
  /** y = x W + b, called `lLAYER.MATRIX`; `x` is `[1, new, inputs]`. */
  project(layer: number, matrix: LayerMatrix, x: string): Promise<string>;
  /** Queries, keys and values `[1, new, (query + 2 kv) × head]` in, the mixed values `[1, new, query × head]` out. */
  attend(layer: number, qkv: string): string;
}

/**
 * Emits the decoder from `embeds`, the new tokens' rows of the embedding, up to the last norm, whose output the head
 * takes: both `[1, new, width]`. Weights pass through one matrix at a time, in the order of their use.
 */
export async function compileDecoder(
  g: GraphBuilder,
  shape: DecoderShape,
  reader: WeightReader,
  embeds: string,
  dialect: Dialect,
): Promise<string> {
  const norm = async (tensor: string) => g.floats(tensor, await reader.vector(tensor));
  const epsilon = { float: shape.rmsEpsilon };
  /** Adds `change` to the stream and normalises the sum (RMS norm, arXiv 1910.07467). */
  const addAndNorm = async (stream: string, change: string, tensor: string, to: string) => {
    const outputs = [`${to}.normed`, '', '', to];
    const inputs = [stream, change, await norm(tensor)];
    g.microsoft('SkipSimplifiedLayerNormalization', inputs, outputs, { epsilon });
    return { stream: to, normed: `${to}.normed` };
  };

  const first = await norm('blk.0.attn_norm.weight');
  const attributes = { axis: -1, epsilon, stash_type: 1 };
  let state = {
    stream: embeds,
    normed: g.op('SimplifiedLayerNormalization', [embeds, first], 'embeds.normed', attributes),
  };
  for (let l = 0; l < shape.layers; l++) {
    const qkv = await dialect.project(l, 'qkv', state.normed);
    const mix = dialect.attend(l, qkv);
    const attended = await dialect.project(l, 'output', mix);
    state = await addAndNorm(state.stream, attended, `blk.${l}.ffn_norm.weight`, `l${l}.middle`);

    const gateUp = await dialect.project(l, 'gate_up', state.normed);
    const gated = gate(g, shape, l, gateUp);
    const fed = await dialect.project(l, 'down', gated);
    const next = l + 1 < shape.layers ? `blk.${l + 1}.attn_norm.weight` : 'output_norm.weight';
    state = await addAndNorm(state.stream, fed, next, `l${l}.out`);
  }
  return state.normed;
}

/** The gate of SwiGLU (arXiv 2002.05202): silu(gate x) · up x; silu is QuickGelu with α = 1. */
function gate(g: GraphBuilder, shape: DecoderShape, layer: number, gateUp: string): string {
  const { feedForwardWidth: inner } = shape;
  const name = `l${layer}`;
  const halves = [`${name}.gate`, `${name}.up`] as const;
  g.split(gateUp, g.ints('ffn.halves', [inner, inner]), halves, 2);
  const [gate, up] = halves;
  g.microsoft('QuickGelu', [gate], [`${name}.silu`], { alpha: { float: 1 } });
  return g.op('Mul', [`${name}.silu`, up], `${name}.fed`);
}
