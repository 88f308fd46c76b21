import { generate } from '../../../src/engine/generate.ts';
import { MOST_SCORED_TOKENS } from '../../../src/engine/language-model.ts';
import type { OpenedModel } from '../../../src/engine/create-engine.ts';
import { PromptCache } from '../../../src/engine/prompt-cache.ts';
import { PromptLookup } from '../../../src/engine/prompt-lookup.ts';
import { ReplyText } from '../../../src/engine/text/reply-text.ts';
import { yieldToEvents } from '../../../src/lib/yield-to-events.ts';
import type { RunRequest } from '../protocol.ts';
import { mostLikely } from './run-greedily.ts';

/**
 * `runGreedily` by the product's own loop, with drafts from the text so far.
 * @param tokens hears each new id
 * @returns prompt tokens that were run
 */
export async function runWithLookup(
  { model, codec, chunkTokens }: Pick<OpenedModel, 'model' | 'codec' | 'chunkTokens'>,
  { promptTokenIds, newTokens }: RunRequest,
  tokens: MessagePort,
): Promise<number> {
  const progress = generate(
    new PromptCache(model),
    {
      prompt: promptTokenIds,
      chunkTokens,
      pauseAfterTokens: 0,
      choose: (next) => ({ id: mostLikely(next), logprob: 0 }),
      text: new ReplyText(codec, []),
      stopTokens: new Set(),
      maxNewTokens: newTokens,
      lookup: new PromptLookup(MOST_SCORED_TOKENS - 1),
      isCancelled: () => false,
    },
    { now: () => performance.now(), yieldToEvents },
  );
  for await (const step of progress) {
    if (step.type === 'step') for (const { id } of step.tokens) tokens.postMessage(id);
  }
  return promptTokenIds.length;
}
