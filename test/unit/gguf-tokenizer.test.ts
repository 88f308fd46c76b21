import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Qwen2Tokenizer } from '../../src/engine/text/transformers-web.js';
import { readGguf, type GgufFile, type GgufValue } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import golden from '../golden/tiny-qwen2.json' with { type: 'json' };
import { bytesSource } from '../support/gguf-builder.ts';
import { goldenPath } from '../support/golden.ts';

const tiny = await readGguf(bytesSource(readFileSync(goldenPath('tiny-qwen2.gguf'))));
const tokens = tiny.metadata.get('tokenizer.ggml.tokens') as readonly string[];
const types = tiny.metadata.get('tokenizer.ggml.token_type') as Int32Array;
const merges = tiny.metadata.get('tokenizer.ggml.merges') as readonly string[];

/** Through JSON, as the files on disk go. */
function load(file: GgufFile): Qwen2Tokenizer {
  const files = tokenizerJson(file);
  return new Qwen2Tokenizer(throughJson(files.tokenizerJson), throughJson(files.tokenizerConfig));
}

function throughJson(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}

function withMetadata(changes: Readonly<Record<string, GgufValue | null>>): GgufFile {
  const metadata = new Map(tiny.metadata);
  for (const [key, value] of Object.entries(changes)) {
    const fullKey = `tokenizer.${key}`;
    if (value === null) metadata.delete(fullKey);
    else metadata.set(fullKey, value);
  }
  return { ...tiny, metadata };
}

describe('the tokenizer of a GGUF', () => {
  const tokenizer = load(tiny);

  test.each(golden.tokenizer)('gives the ids of the Python package for $text', ({ text, ids }) => {
    expect(tokenizer.encode(text, { add_special_tokens: false })).toEqual(ids);
  });

  test.each(golden.tokenizer.filter(({ ids }) => ids.length > 0))(
    'gives the text of the Python package for $ids',
    ({ ids, decoded, decodedWithoutSpecial }) => {
      expect(tokenizer.decode(ids, { skip_special_tokens: false })).toBe(decoded);
      expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(decodedWithoutSpecial);
    },
  );

  test.each(golden.chat)(
    'renders the chat template as Jinja2 does (reply begun: $addGenerationPrompt)',
    ({ messages, addGenerationPrompt, rendered }) => {
      const text = tokenizer.apply_chat_template(messages, {
        add_generation_prompt: addGenerationPrompt,
        tokenize: false,
      });

      expect(text).toBe(rendered);
    },
  );

  test('adds nothing before or after a text', () => {
    expect(tokenizer.encode('a')).toEqual(tokenizer.encode('a', { add_special_tokens: false }));
  });
});

describe('tokenizerJson', () => {
  test('stops at the end of a message and at the end of a text', () => {
    expect(tokenizerJson(tiny).stopTokens).toEqual([456, 458]);
  });

  test('stops at another token where the file says so', () => {
    expect(tokenizerJson(withMetadata({ 'ggml.eos_token_id': 5 })).stopTokens).toEqual([
      5, 456, 458,
    ]);
  });

  test('leaves out rows that only fill up the matrix', () => {
    const { model } = tokenizerJson(tiny).tokenizerJson as { model: { vocab: object } };

    expect(Object.keys(model.vocab)).toHaveLength(456);
    expect(Object.keys(model.vocab)).not.toContain('[PAD461]');
  });

  test('marks control tokens as special and tokens of the user as not', () => {
    const { added_tokens: added } = tokenizerJson(tiny).tokenizerJson as { added_tokens: object[] };

    expect(added).toHaveLength(5);
    expect(added[1]).toMatchObject({ id: 457, content: '<|im_start|>', special: true });
    expect(added[3]).toMatchObject({ id: 459, content: '<tool_call>', special: false });
  });

  test.each([null, '', '  \n'])('speaks ChatML where the template is %j', (template) => {
    const tokenizer = load(withMetadata({ chat_template: template }));

    const text = tokenizer.apply_chat_template([{ role: 'user', content: 'Hi' }], {
      add_generation_prompt: true,
      tokenize: false,
    });

    expect(text).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
  });

  test('keeps a token that JavaScript objects treat as their own', () => {
    const renamed = tokens.with(300, '__proto__');
    const withoutMerges = withMetadata({ 'ggml.tokens': renamed, 'ggml.merges': [] });

    const { tokenizerJson: json } = tokenizerJson(withoutMerges);

    expect(JSON.stringify(json)).toContain('"__proto__":300');
  });

  test.each<[string, string, Record<string, GgufValue | null>]>([
    ['another kind of tokenizer', 'unsupported-architecture', { 'ggml.model': 'llama' }],
    ['no kind of tokenizer', 'unsupported-architecture', { 'ggml.model': null }],
    ['another way to cut words', 'unsupported-architecture', { 'ggml.pre': 'llama-bpe' }],
    ['no tokens', 'vocabulary-mismatch', { 'ggml.tokens': null }],
    ['tokens that are numbers', 'vocabulary-mismatch', { 'ggml.tokens': Int32Array.of(1) }],
    ['no token for some byte', 'vocabulary-mismatch', { 'ggml.tokens': tokens.with(7, 'aaaa') }],
    [
      'a token that is no bytes',
      'vocabulary-mismatch',
      { 'ggml.tokens': tokens.with(455, '你'), 'ggml.merges': [] },
    ],
    ['the same token twice', 'vocabulary-mismatch', { 'ggml.tokens': tokens.with(455, 'a') }],
    ['an empty token', 'vocabulary-mismatch', { 'ggml.tokens': tokens.with(457, '') }],
    [
      'more types than tokens',
      'vocabulary-mismatch',
      { 'ggml.token_type': Int32Array.of(...types, 1) },
    ],
    [
      'types that are fractions',
      'vocabulary-mismatch',
      { 'ggml.token_type': Float32Array.from(types) },
    ],
    ['no merges', 'vocabulary-mismatch', { 'ggml.merges': null }],
    ['a merge of nothing', 'vocabulary-mismatch', { 'ggml.merges': merges.with(0, 'a') }],
    ['a merge into no token', 'vocabulary-mismatch', { 'ggml.merges': merges.with(9, 'z q') }],
    ['an end that is no token', 'vocabulary-mismatch', { 'ggml.eos_token_id': 480 }],
    ['a beginning that is no token', 'vocabulary-mismatch', { 'ggml.bos_token_id': -1 }],
    ['a padding that is text', 'vocabulary-mismatch', { 'ggml.padding_token_id': 'pad' }],
  ])('refuses %s as %s', (_case, code, changes) => {
    expect(() => tokenizerJson(withMetadata(changes))).toThrow(expect.objectContaining({ code }));
  });

  test('refuses a vocabulary in which nothing ends a reply', () => {
    const file = withMetadata({
      'ggml.tokens': tokens.with(456, '<|a|>').with(458, '<|b|>'),
      'ggml.eos_token_id': null,
    });

    expect(() => tokenizerJson(file)).toThrow(
      expect.objectContaining({ code: 'vocabulary-mismatch' }),
    );
  });
});
