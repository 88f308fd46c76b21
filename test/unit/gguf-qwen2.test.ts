import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeQwen2 } from '../../src/gguf/qwen2.ts';
import {
  readGguf,
  type GgufFile,
  type GgufValue,
  type TensorInfo,
} from '../../src/gguf/read-gguf.ts';
import { failureOf } from '../support/failure-of.ts';
import { bytesSource } from '../support/gguf-builder.ts';
import { goldenPath } from '../support/golden.ts';

const load = (name: string) => readGguf(bytesSource(readFileSync(goldenPath(name))));
const tiny = await load('tiny-qwen2.gguf');
const untied = await load('tiny-qwen2-untied.gguf');

/** The tiny model with some metadata changed; `null` takes a key away. */
function withMetadata(changes: Readonly<Record<string, GgufValue | null>>): GgufFile {
  const metadata = new Map(tiny.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) metadata.delete(key);
    else metadata.set(key, value);
  }
  return { ...tiny, metadata };
}

/** The tiny model with tensors of other sizes; `null` takes one away. */
function withTensors(changes: Readonly<Record<string, readonly number[] | null>>): GgufFile {
  const tensors = new Map(tiny.tensors);
  for (const [name, dims] of Object.entries(changes)) {
    if (dims === null) tensors.delete(name);
    else tensors.set(name, { ...(tensors.get('output_norm.weight') as TensorInfo), name, dims });
  }
  return { ...tiny, tensors };
}

describe('describeQwen2', () => {
  test('reads the shape of a tied model', () => {
    expect(describeQwen2(tiny)).toEqual({
      title: 'Tiny random Qwen2',
      shape: {
        layers: 2,
        width: 64,
        feedForwardWidth: 128,
        queryHeads: 4,
        keyValueHeads: 2,
        headSize: 16,
        vocabulary: 480,
        ropeBase: 1_000_000,
        rmsEpsilon: Math.fround(1e-6),
        trainedContextTokens: 1024,
      },
      hasOutput: false,
      hasBiases: true,
    });
  });

  test('knows a model with its own head and without biases', () => {
    expect(describeQwen2(untied)).toMatchObject({
      shape: { width: 256, headSize: 64 },
      hasOutput: true,
      hasBiases: false,
    });
  });

  test('takes the size of a head from the file where it is not width ÷ heads', () => {
    const file = withMetadata({
      'qwen2.attention.key_length': 32,
      'qwen2.attention.value_length': 32,
    });

    // Sizes of the tensors then no longer fit: the stated size was believed.
    expect(() => describeQwen2(file)).toThrow('blk.0.attn_q.weight is 64 × 64, not 64 × 128');
  });

  test('fills in what files may leave out', () => {
    const { shape } = describeQwen2(withMetadata({ 'qwen2.rope.freq_base': null }));

    expect(shape.ropeBase).toBe(10_000);
  });

  test.each<[string, Record<string, GgufValue | null>, string]>([
    ['its name', { 'general.name': 'Qwen\u0000 2.5\n\u202e  Instruct ' }, 'Qwen 2.5 Instruct'],
    ['at most 100 characters', { 'general.name': 'x'.repeat(1e6) }, 'x'.repeat(100)],
    [
      'the parts of a name',
      { 'general.name': null, 'general.basename': 'Qwen2.5', 'general.size_label': '0.5B' },
      'Qwen2.5 0.5B',
    ],
    ['its size where nothing is stated', { 'general.name': null }, 'Qwen2 of 2 layers'],
  ])('is titled with %s', (_case, changes, title) => {
    expect(describeQwen2(withMetadata(changes)).title).toBe(title);
  });

  test.each<[string, string, Record<string, GgufValue | null>]>([
    ['another architecture', 'unsupported-architecture', { 'general.architecture': 'llama' }],
    ['no architecture', 'unsupported-architecture', { 'general.architecture': null }],
    ['a stretched context', 'unsupported-architecture', { 'qwen2.rope.scaling.type': 'yarn' }],
    ['no layers', 'gguf-malformed', { 'qwen2.block_count': 0 }],
    ['257 layers', 'gguf-malformed', { 'qwen2.block_count': 257 }],
    ['half a layer', 'gguf-malformed', { 'qwen2.block_count': 1.5 }],
    ['layers that are text', 'gguf-malformed', { 'qwen2.block_count': '2' }],
    ['2^63 layers', 'gguf-malformed', { 'qwen2.block_count': 2n ** 63n }],
    ['no width', 'gguf-malformed', { 'qwen2.embedding_length': null }],
    ['a width that heads do not divide', 'gguf-malformed', { 'qwen2.attention.head_count': 3 }],
    ['heads that groups do not divide', 'gguf-malformed', { 'qwen2.attention.head_count_kv': 3 }],
    ['heads per layer', 'gguf-malformed', { 'qwen2.attention.head_count': Int32Array.of(4, 4) }],
    ['values of another size than keys', 'gguf-malformed', { 'qwen2.attention.value_length': 8 }],
    ['heads that are turned in part', 'gguf-malformed', { 'qwen2.rope.dimension_count': 8 }],
    ['an odd size of head', 'gguf-malformed', { 'qwen2.attention.key_length': 15 }],
    ['no context', 'gguf-malformed', { 'qwen2.context_length': null }],
    [
      'an epsilon that is not a number',
      'gguf-malformed',
      { 'qwen2.attention.layer_norm_rms_epsilon': Number.NaN },
    ],
    ['a negative rope base', 'gguf-malformed', { 'qwen2.rope.freq_base': -1 }],
    [
      'more tokens than rows',
      'vocabulary-mismatch',
      { 'tokenizer.ggml.tokens': Array.from({ length: 481 }, String) },
    ],
  ])('refuses %s as %s', (_case, code, changes) => {
    expect(() => describeQwen2(withMetadata(changes))).toThrow(expect.objectContaining({ code }));
  });

  test.each<[string, Record<string, GgufValue>]>([
    ['4 query heads over 3 key/value heads', { 'qwen2.attention.head_count_kv': 3 }],
    ['heads of 15, which rotation cannot halve', { 'qwen2.attention.key_length': 15 }],
  ])('names the reason: %s', (reason, changes) => {
    expect(() => describeQwen2(withMetadata(changes))).toThrow(reason);
  });

  test.each<[string, string, Record<string, readonly number[] | null>]>([
    ['no embedding', 'missing-tensor', { 'token_embd.weight': null }],
    ['no last norm', 'missing-tensor', { 'output_norm.weight': null }],
    ['a layer without its gate', 'missing-tensor', { 'blk.1.ffn_gate.weight': null }],
    ['biases in some layers only', 'missing-tensor', { 'blk.1.attn_k.bias': null }],
    ['no bias in the first layer', 'missing-tensor', { 'blk.0.attn_q.bias': null }],
    ['an embedding of another width', 'gguf-malformed', { 'token_embd.weight': [32, 480] }],
    ['a transposed matrix', 'gguf-malformed', { 'blk.0.ffn_down.weight': [64, 128] }],
    ['a matrix of three dimensions', 'gguf-malformed', { 'blk.0.attn_q.weight': [64, 64, 2] }],
    ['a vector for a matrix', 'gguf-malformed', { 'blk.0.attn_q.weight': [64] }],
    ['a bias of another size', 'gguf-malformed', { 'blk.0.attn_v.bias': [64] }],
    ['a head with another vocabulary', 'gguf-malformed', { 'output.weight': [64, 479] }],
  ])('refuses %s as %s', (_case, code, changes) => {
    expect(() => describeQwen2(withTensors(changes))).toThrow(expect.objectContaining({ code }));
  });

  test('sizes of one at the end of a tensor mean nothing', () => {
    const file = withTensors({ 'blk.0.attn_v.bias': [32, 1, 1] });

    expect(describeQwen2(file).hasBiases).toBe(true);
  });

  test('tells a person which architecture a file is of', async () => {
    const file = withMetadata({ 'general.architecture': 'gemma3' });

    expect(await failureOf(() => describeQwen2(file))).toMatchObject({
      sentence: expect.stringContaining('gemma3') as unknown,
    });
  });
});
