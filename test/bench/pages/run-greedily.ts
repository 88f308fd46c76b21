import type { LanguageModel } from '../../../src/engine/language-model.ts';
import type { NextToken } from '../../../src/engine/next-token.ts';
import { present } from '../../../src/lib/assert.ts';
import { yieldToEvents } from '../../../src/lib/yield-to-events.ts';
import type { RunRequest } from '../protocol.ts';

/**
 * Drives one of this project's models as the product does, but greedily and without stops: the prompt in chunks, then token by
 * token, with a pause for events after each.
 * @param tokens hears each new id
 * @returns prompt tokens that were run
 */
export async function runGreedily(
  model: LanguageModel,
  chunkTokens: number,
  { promptTokenIds, newTokens }: RunRequest,
  tokens: MessagePort,
): Promise<number> {
  model.truncate(0);
  let token = 0;
  for (let at = 0; at < promptTokenIds.length; at += chunkTokens) {
    token = mostLikely(await model.prefill(promptTokenIds.slice(at, at + chunkTokens)));
    await yieldToEvents();
  }
  const promptTokens = model.length;
  tokens.postMessage(token);
  for (let made = 1; made < newTokens; made++) {
    token = mostLikely(await model.decode(token));
    await yieldToEvents();
    tokens.postMessage(token);
  }
  return promptTokens;
}

export function mostLikely(next: NextToken): number {
  if (next.of === 'leaders') return present(next.ids[0], 'a leader');
  const { logits } = next;
  let best = 0;
  let most = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}
