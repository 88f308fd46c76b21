import type { TextCodec } from '../../src/engine/text/tokenizer.ts';
import { PROSE } from './prose.ts';

export interface Prompt {
  readonly text: string;
  readonly tokenIds: readonly number[];
}

/**
 * Plain English prose of exactly `tokens` tokens, whether an engine takes the ids or tokenises the text itself:
 * the text gives those ids again. The prose repeats when it is too short; no engine is quicker for that.
 *
 * @param skipWords words left out at the beginning, so that two prompts share no prefix
 * @throws Error when no cut of the prose has that many tokens
 */
export function cutPrompt(
  tokens: number,
  skipWords: number,
  codec: Pick<TextCodec, 'encode' | 'bytesOf'>,
): Prompt {
  const words = PROSE.split(/\s+/);
  // A token of English prose is most of a word: this many words are always enough.
  const enough = Array.from(
    { length: 2 * tokens + skipWords + words.length },
    (_, index) => words[index % words.length],
  );
  for (let from = skipWords; from < skipWords + words.length; from++) {
    const whole = codec.encode(enough.slice(from, from + 2 * tokens + 1).join(' '));
    const text = decode(whole.slice(0, tokens), codec);
    const tokenIds = codec.encode(text);
    if (tokenIds.length === tokens) return { text, tokenIds };
  }
  throw new Error(`no stretch of the prose has exactly ${tokens} tokens`);
}

function decode(tokenIds: readonly number[], codec: Pick<TextCodec, 'bytesOf'>): string {
  const decoder = new TextDecoder();
  return tokenIds.map((id) => decoder.decode(codec.bytesOf(id), { stream: true })).join('');
}
