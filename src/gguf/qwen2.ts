/** What a GGUF says about its Qwen2 decoder, checked: sizes that fit each other and every tensor that running it needs. */
import { AppError } from '../contract/errors.ts';
import type { DecoderShape } from '../contract/model.ts';
import type { GgufFile, TensorInfo } from './read-gguf.ts';

export interface Qwen2Description {
  /** From the file; at most 100 characters, one line. */
  readonly title: string;
  readonly shape: DecoderShape;
  /**
   * Whether the file has an `output.weight` of its own. Without one the embedding is the head. With one the model
   * may be tied all the same: the official 0.5B files carry the same matrix twice, in two types.
   */
  readonly hasOutput: boolean;
  /** Whether queries, keys and values have biases in every layer, as in Qwen2 and 2.5, or in none. */
  readonly hasBiases: boolean;
}

/** Above every published Qwen2.5 (72B: 80 layers, width 8,192, feed-forward 29,568), below what could hurt. */
const LIMITS = {
  layers: 256,
  width: 65_536,
  feedForwardWidth: 1_048_576,
  heads: 1024,
  headSize: 1024,
  vocabulary: 4_194_304,
  contextTokens: 2 ** 31,
};

/**
 * @throws AppError `unsupported-architecture`, `gguf-malformed` (sizes), `missing-tensor`,
 *   `vocabulary-mismatch` (fewer rows than tokens)
 */
export function describeQwen2(file: GgufFile): Qwen2Description {
  requireQwen2(file);
  const shape = readShape(file);
  requireTensors(file, shape);
  return {
    title: titleOf(file, shape),
    shape,
    hasOutput: file.tensors.has('output.weight'),
    hasBiases: requireBiases(file, shape),
  };
}

function requireQwen2(file: GgufFile): void {
  const architecture = file.metadata.get('general.architecture');
  if (architecture !== 'qwen2') {
    if (typeof architecture !== 'string') {
      throw new AppError('unsupported-architecture', 'architecture not stated', {
        detail: { type: 'unstated-family' },
      });
    }
    const name = oneLine(architecture, 40);
    throw new AppError('unsupported-architecture', `architecture ${name}`, {
      detail: { type: 'other-family', architecture: name },
    });
  }
  const scaling = file.metadata.get('qwen2.rope.scaling.type') ?? 'none';
  if (scaling !== 'none') {
    if (typeof scaling !== 'string') {
      throw new AppError('unsupported-architecture', 'rope scaling unknown', {
        detail: { type: 'unstated-rope-scaling' },
      });
    }
    const name = oneLine(scaling, 40);
    throw new AppError('unsupported-architecture', `rope scaling ${name}`, {
      detail: { type: 'rope-scaling', scaling: name },
    });
  }
}

function readShape(file: GgufFile): DecoderShape {
  const width = integer(file, 'embedding_length', LIMITS.width);
  const queryHeads = integer(file, 'attention.head_count', LIMITS.heads);
  const keyValueHeads = integer(file, 'attention.head_count_kv', LIMITS.heads, queryHeads);
  if (queryHeads % keyValueHeads !== 0) {
    throw malformed(`${queryHeads} query heads over ${keyValueHeads} key/value heads`);
  }
  const headSize = integer(file, 'attention.key_length', LIMITS.headSize, width / queryHeads);
  if (integer(file, 'attention.value_length', LIMITS.headSize, headSize) !== headSize) {
    throw malformed('keys and values of different sizes');
  }
  if (integer(file, 'rope.dimension_count', LIMITS.headSize, headSize) !== headSize) {
    throw malformed('rotation of a part of the head');
  }
  if (headSize % 2 !== 0) throw malformed(`heads of ${headSize}, which rotation cannot halve`);
  return {
    layers: integer(file, 'block_count', LIMITS.layers),
    width,
    feedForwardWidth: integer(file, 'feed_forward_length', LIMITS.feedForwardWidth),
    queryHeads,
    keyValueHeads,
    headSize,
    vocabulary: readVocabulary(file),
    // Default as in llama.cpp (`rope_freq_base_train`) and Hugging Face's Qwen2Config.
    ropeBase: positive(file, 'rope.freq_base', 10_000),
    rmsEpsilon: positive(file, 'attention.layer_norm_rms_epsilon'),
    trainedContextTokens: integer(file, 'context_length', LIMITS.contextTokens),
  };
}

function readVocabulary(file: GgufFile): number {
  const rows = need(file, 'token_embd.weight').dims[1] ?? 1;
  if (rows > LIMITS.vocabulary) throw malformed(`vocabulary of ${rows}`);
  const tokens = file.metadata.get('tokenizer.ggml.tokens');
  if (Array.isArray(tokens) && rows < tokens.length) {
    throw new AppError('vocabulary-mismatch', `${tokens.length} tokens, ${rows} rows of embedding`);
  }
  return rows;
}

function requireTensors(file: GgufFile, shape: DecoderShape): void {
  const { width, feedForwardWidth, vocabulary } = shape;
  const queries = shape.queryHeads * shape.headSize;
  const keys = shape.keyValueHeads * shape.headSize;
  requireDims(need(file, 'token_embd.weight'), [width, vocabulary]);
  requireDims(need(file, 'output_norm.weight'), [width]);
  const output = file.tensors.get('output.weight');
  if (output !== undefined) requireDims(output, [width, vocabulary]);

  for (let layer = 0; layer < shape.layers; layer++) {
    const expected: Record<string, readonly number[]> = {
      attn_norm: [width],
      attn_q: [width, queries],
      attn_k: [width, keys],
      attn_v: [width, keys],
      attn_output: [queries, width],
      ffn_norm: [width],
      ffn_gate: [width, feedForwardWidth],
      ffn_up: [width, feedForwardWidth],
      ffn_down: [feedForwardWidth, width],
    };
    for (const [part, dims] of Object.entries(expected)) {
      requireDims(need(file, `blk.${layer}.${part}.weight`), dims);
    }
  }
}

/** All of them or none; some would be a damaged file that runs and answers nonsense. */
function requireBiases(file: GgufFile, shape: DecoderShape): boolean {
  const hasBiases = file.tensors.has('blk.0.attn_q.bias');
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const [part, heads] of [
      ['attn_q', shape.queryHeads],
      ['attn_k', shape.keyValueHeads],
      ['attn_v', shape.keyValueHeads],
    ] as const) {
      const name = `blk.${layer}.${part}.bias`;
      if (hasBiases) requireDims(need(file, name), [heads * shape.headSize]);
      else if (file.tensors.has(name)) throw missing('blk.0.attn_q.bias');
    }
  }
  return hasBiases;
}

function need(file: GgufFile, name: string): TensorInfo {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw missing(name);
  return tensor;
}

/** Trailing sizes of 1 mean nothing in GGML. */
function requireDims(tensor: TensorInfo, expected: readonly number[]): void {
  const { name, dims } = tensor;
  const fits = dims.every((size, axis) => size === (expected[axis] ?? 1));
  if (!fits || dims.length < expected.length) {
    throw malformed(`${name} is ${dims.join(' × ')}, not ${expected.join(' × ')}`);
  }
}

/** @param byDefault used where the key is missing, and checked like a stated value; without it the key is required */
function integer(file: GgufFile, key: string, limit: number, byDefault?: number): number {
  const value = file.metadata.get(`qwen2.${key}`) ?? byDefault;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > limit) {
    throw malformed(`qwen2.${key} is ${describe(value)}, not a whole number of 1–${limit}`);
  }
  return value;
}

function positive(file: GgufFile, key: string, byDefault?: number): number {
  const value = file.metadata.get(`qwen2.${key}`) ?? byDefault;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw malformed(`qwen2.${key} is ${describe(value)}, not a positive number`);
  }
  return value;
}

function titleOf(file: GgufFile, shape: DecoderShape): string {
  const text = (key: string) => {
    const value = file.metadata.get(`general.${key}`);
    return typeof value === 'string' ? oneLine(value, 100) : '';
  };
  const parts = [text('basename'), text('size_label'), text('finetune')].filter(Boolean);
  return text('name') || oneLine(parts.join(' '), 100) || `Qwen2 of ${shape.layers} layers`;
}

/** Text of the file as it may be shown: control characters and runs of space become one space. */
function oneLine(text: string, limit: number): string {
  return text
    .slice(0, 4 * limit)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, limit);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return `a ${typeof value}`;
}

function malformed(message: string): AppError {
  return new AppError('gguf-malformed', message);
}

function missing(name: string): AppError {
  return new AppError('missing-tensor', `tensor ${name} is missing`, {
    detail: { type: 'named-tensor', tensor: name },
  });
}
