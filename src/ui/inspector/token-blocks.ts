import type { TracedToken } from '../../state/traces.ts';

/** Tokens that are shown together: from the first up to, without, the second. */
export interface TokenBlock {
  readonly from: number;
  readonly until: number;
}

/** From so many on, a block ends where a line does. */
const ENOUGH_TOKENS = 100;
/** So many at most: a line that is longer than all this is broken. */
const MOST_TOKENS = 500;

/** Cuts an answer where it breaks its lines, so that the blocks below each other look as one text. */
export function blocksOf(tokens: readonly TracedToken[]): readonly TokenBlock[] {
  const blocks: TokenBlock[] = [];
  let from = 0;
  for (const [index, { text }] of tokens.entries()) {
    const count = index + 1 - from;
    const isFull = count === MOST_TOKENS || (count >= ENOUGH_TOKENS && text.endsWith('\n'));
    if (!isFull && index < tokens.length - 1) continue;
    blocks.push({ from, until: index + 1 });
    from = index + 1;
  }
  return blocks;
}
