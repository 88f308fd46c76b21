/** What only a real file shows. Runs when MODEL names an official Qwen2.5 GGUF; skipped, and counted, without. */
import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Qwen2Tokenizer } from '../../src/engine/text/transformers-web.js';
import { describeQwen2 } from '../../src/gguf/qwen2.ts';
import { readGguf, type GgufFile } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import { blobSource } from '../../src/lib/blob-source.ts';
import golden from '../golden/real-tokenizer.json' with { type: 'json' };

const model = process.env['MODEL'] ?? '';

describe.skipIf(model === '')('a real Qwen2.5', () => {
  let file: GgufFile;
  beforeAll(async () => {
    file = await readGguf(blobSource(await openAsBlob(model)));
  });

  test('has a shape that can be run', () => {
    const { shape } = describeQwen2(file);

    expect(shape.vocabulary).toBeGreaterThanOrEqual(151_665);
    expect(shape.trainedContextTokens).toBeGreaterThanOrEqual(32_768);
  });

  test('stops at <|endoftext|> and <|im_end|>', () => {
    expect(tokenizerJson(file).stopTokens).toEqual([151_643, 151_645]);
  });

  test('cuts text as the Python tokenizer does', { timeout: 20_000 }, () => {
    const files = tokenizerJson(file);
    const tokenizer = new Qwen2Tokenizer(files.tokenizerJson, files.tokenizerConfig);

    const ours = golden.cases.map(({ text }) => ({
      text,
      ids: text === '' ? [] : tokenizer.encode(text),
    }));

    expect(ours).toEqual(golden.cases);
  });
});
