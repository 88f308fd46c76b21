import { expect, test } from 'vitest';
import { cutPrompt } from '../bench/prompts.ts';

/** Words and the blanks before them, long words in two tokens: a prefix may end inside a word. */
const codec = {
  encode: (text: string) => {
    const pieces = text.match(/ ?\S{1,6}|\s/g) ?? [];
    return pieces.map((piece) => idOf(piece));
  },
  bytesOf: (id: number) => new TextEncoder().encode(known[id] ?? ''),
};
const known: string[] = [];
function idOf(piece: string): number {
  const id = known.indexOf(piece);
  return id === -1 ? known.push(piece) - 1 : id;
}

test.each([1, 128, 3000])('a prompt of %i tokens has that many, as ids and as text', (tokens) => {
  const prompt = cutPrompt(tokens, 0, codec);

  expect(prompt.tokenIds).toHaveLength(tokens);
  expect(codec.encode(prompt.text)).toEqual(prompt.tokenIds);
});

test('prompts that begin at different words share no prefix', () => {
  const [a, b] = [cutPrompt(16, 0, codec), cutPrompt(16, 7, codec)];

  expect(a.tokenIds[0]).not.toBe(b.tokenIds[0]);
});

test('a tokenizer that never gives the same ids twice has no prompt', () => {
  const growing = { ...codec, encode: (text: string) => [...codec.encode(text), 0] };

  expect(() => cutPrompt(4, 0, growing)).toThrow('exactly 4 tokens');
});
