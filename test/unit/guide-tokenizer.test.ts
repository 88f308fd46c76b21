import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BYTE_LETTERS } from '../../src/gguf/byte-letters.ts';
import { loadTokenizer } from '../../src/engine/text/tokenizer.ts';
import type { GgufFile } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import { decode, encodeWithControl } from '../support/gguf-text.ts';
import { goldenPath } from '../support/golden.ts';

interface Golden {
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[];
}
const golden = JSON.parse(readFileSync(goldenPath('guide-tokenizer.json'), 'utf8')) as Golden;

/** What models/guide/export.py writes of the tokenizer: bytes, merges, specials. */
function guideHeader(): GgufFile {
  const merges = readFileSync(new URL('../../models/guide/merges.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const letters = BYTE_LETTERS;
  const ordinary = [...letters, ...merges.map((merge) => merge.replace(' ', ''))];
  const tokens = [...ordinary, '<|endoftext|>', '<|im_start|>', '<|im_end|>'];
  const types = Int32Array.from(tokens, (_, id) => (id < ordinary.length ? 1 : 3));
  const metadata = new Map<string, string | string[] | Int32Array | number>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'qwen2'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.merges', merges],
    ['tokenizer.ggml.eos_token_id', tokens.length - 1],
  ]);
  return { version: 3, metadata, tensors: new Map(), totalBytes: 0 };
}

describe("the guide's tokenizer", () => {
  const files = tokenizerJson(guideHeader());
  const codec = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);

  test.each(golden.cases)('gives the page the ids it was trained on: $text', ({ text, ids }) => {
    expect(encodeWithControl(codec, text)).toEqual(ids);
  });

  test('reads and writes back any text', () => {
    const text = 'Zażółć gęślą jaźń 龘𠮷 \u{1F9EC}\t\u0000';

    expect(decode(codec, codec.encode(text))).toBe(text);
  });
});
