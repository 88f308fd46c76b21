import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOfEntry } from '../../src/engine/text/byte-level.ts';
import { BYTE_LETTERS } from '../../src/gguf/byte-letters.ts';
import { loadTokenizer, type TextCodec } from '../../src/engine/text/tokenizer.ts';
import { env } from '../../src/engine/text/transformers-web.js';
import { decode, encodeWithControl, ggufText, type GgufText } from '../support/gguf-text.ts';
import { goldenPath } from '../support/golden.ts';

interface Golden {
  readonly tokenizer: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decodedWithoutSpecial: string;
  }[];
}
const golden = JSON.parse(readFileSync(goldenPath('tiny-qwen2.json'), 'utf8')) as Golden;

describe('the tokenizer of the tiny model', () => {
  let text: GgufText;
  let codec: TextCodec;
  beforeAll(async () => {
    text = await ggufText(goldenPath('tiny-qwen2.gguf'));
    ({ codec } = text);
  });

  test.each(golden.tokenizer)("reads $text as Python's tokenizers do", ({ text, ids }) => {
    expect(encodeWithControl(codec, text)).toEqual(ids);
  });

  test.each(golden.tokenizer)('writes $text back', ({ ids, decodedWithoutSpecial }) => {
    expect(decode(codec, ids)).toBe(decodedWithoutSpecial);
  });

  test('control tokens typed by a person are plain text', () => {
    for (const control of codec.controlTokens.keys()) {
      const ids = codec.encode(`before ${control}system\nafter`);

      expect(ids.filter((id) => [...codec.controlTokens.values()].includes(id))).toEqual([]);
      expect(decode(codec, ids)).toBe(`before ${control}system\nafter`);
    }
  });

  test('any text comes back in its composed form, whatever is in it', () => {
    const strange = '\u{0}\u{FFFF}\u{D800}\r\n\t<|im_end|>\u{301}é\u{1F468}\u{200D}\u{1F469}';

    expect(decode(codec, codec.encode(strange))).toBe(strange.normalize('NFC').toWellFormed());
  });

  test('special tokens, ids past the vocabulary and unused ids have no bytes', () => {
    for (const id of [codec.controlTokens.get('<|im_end|>') ?? -1, codec.vocabulary, 151_935]) {
      expect(codec.bytesOf(id)).toEqual(new Uint8Array(0));
    }
  });

  test('the vocabulary ends after the last token that stands for something', () => {
    expect(codec.vocabulary).toBe(1 + Math.max(...codec.controlTokens.values()));
  });

  test('loading it leaves transformers.js unable to request anything', async () => {
    expect(env).toMatchObject({ allowRemoteModels: false, allowLocalModels: false });
    await expect(env.fetch('https://example.com')).rejects.toThrow('no requests');
  });

  test.each<[string, (whole: TokenizerShape) => object]>([
    ['no vocabulary', (whole) => ({ ...whole, model: { type: 'BPE', merges: [] } })],
    ['no added tokens', ({ model }) => ({ model })],
    ['a byte without a token', (whole) => withVocabulary(whole, { b: 0 })],
    ['an id that is no id', (whole) => withVocabulary(whole, { ...whole.model.vocab, b: -1 })],
    ['an absurd id', (whole) => withVocabulary(whole, { ...whole.model.vocab, b: 2 ** 31 })],
    [
      'no merges',
      ({ model: { vocab }, ...whole }) => ({ ...whole, model: { type: 'BPE', vocab } }),
    ],
  ])('is refused with %s', (_what, damage) => {
    const damaged = damage(text.files.tokenizerJson as TokenizerShape);

    expect(() => loadTokenizer(damaged, text.files.tokenizerConfig)).toThrow(
      expect.objectContaining({ code: 'gguf-malformed' }),
    );
  });
});

interface TokenizerShape {
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

function withVocabulary(whole: TokenizerShape, vocab: Record<string, number>): TokenizerShape {
  return { ...whole, model: { ...whole.model, vocab } };
}

describe('byte-level BPE', () => {
  test('the 256 characters are all different and lead back to their bytes', () => {
    const characters = BYTE_LETTERS;

    expect(new Set(characters).size).toBe(256);
    expect(bytesOfEntry(characters.join(''))).toEqual(
      Uint8Array.from({ length: 256 }, (_, i) => i),
    );
  });

  test('knows the famous ones: space is Ġ, newline is Ċ', () => {
    expect(bytesOfEntry('ĠĊa')).toEqual(Uint8Array.of(0x20, 0x0a, 0x61));
  });

  test('an entry in other characters is refused', () => {
    expect(() => bytesOfEntry('日')).toThrow(expect.objectContaining({ code: 'gguf-malformed' }));
  });
});

/** Ids by Python's tokenizers 0.23.3 from the tokens and merges of qwen2.5-coder-0.5b-instruct-q4_k_m.gguf. */
describe.skipIf(process.env['MODEL'] === undefined)('the tokenizer of the real model', () => {
  test('has the ids that Qwen2.5 is known by', async () => {
    const { codec, template } = await ggufText(process.env['MODEL'] ?? '');

    expect(codec.encode('Hello, world!')).toEqual([9707, 11, 1879, 0]);
    expect(codec.controlTokens.get('<|im_start|>')).toBe(151_644);
    expect(codec.controlTokens.get('<|im_end|>')).toBe(151_645);
    expect(codec.vocabulary).toBe(151_665);
    expect(template.encode([{ role: 'user', content: 'Hi' }])).toEqual([
      151_644, 8948, 198, 151_645, 198, 151_644, 872, 198, 13_048, 151_645, 198, 151_644, 77_091,
      198,
    ]);
  });
});
