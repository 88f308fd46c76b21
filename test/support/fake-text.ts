import type { TextCodec } from '../../src/engine/text/tokenizer.ts';

/** First id that stands for nothing in the fake codec; also its vocabulary. */
export const FAKE_VOCABULARY = 259;
export const IM_START = 256;
export const IM_END = 257;
export const END_OF_TEXT = 258;

/** A codec whose ordinary tokens are the 256 bytes, with ChatML's control tokens, and a "template" that is ignored. */
export const fakeCodec: TextCodec = {
  vocabulary: FAKE_VOCABULARY,
  controlTokens: new Map([
    ['<|im_start|>', IM_START],
    ['<|im_end|>', IM_END],
    ['<|endoftext|>', END_OF_TEXT],
  ]),
  encode: (text) => [...new TextEncoder().encode(text)],
  bytesOf: (id) => (id < 256 ? Uint8Array.of(id) : new Uint8Array(0)),
  render: (_template, messages) =>
    messages
      .map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`)
      .concat('<|im_start|>assistant\n')
      .join(''),
};

export function textOf(ids: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(ids.filter((id) => id < 256)));
}
