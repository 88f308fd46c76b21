import type { StopReason } from '../contract/events.ts';
import { present } from '../lib/assert.ts';
import type { NextToken } from './next-token.ts';
import { MOST_SCORED_TOKENS } from './language-model.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { PromptLookup } from './prompt-lookup.ts';
import type { Alternatives, Choice } from './sampling/sampler.ts';
import type { ReplyText } from './text/reply-text.ts';

/** Everything that decides what a reply will be. */
export interface Plan {
  /** At least one token; all of it fits the context. */
  readonly prompt: readonly number[];
  /** Prompt tokens per run; between runs a cancel is heard. */
  readonly chunkTokens: number;
  /** One of the runs ends after this much of the prompt, so that the cache can be copied there; 0: wherever. */
  readonly pauseAfterTokens: number;
  readonly choose: (next: NextToken, seen: ReadonlySet<number>) => Choice;
  readonly text: ReplyText;
  readonly stopTokens: ReadonlySet<number>;
  readonly maxNewTokens: number;
  /** Knows nothing yet. Null: one run per token. */
  readonly lookup: PromptLookup | null;
  readonly isCancelled: () => boolean;
}

/** The world outside the loop: a monotonic clock in milliseconds, and a pause in which messages arrive. */
export interface Clock {
  readonly now: () => number;
  readonly yieldToEvents: () => Promise<void>;
}

export type Progress =
  | {
      readonly type: 'prefill';
      /** Prompt tokens in the cache. */
      readonly doneTokens: number;
      readonly reusedTokens: number;
      /** Spent in the run before this; 0 at first. */
      readonly runMs: number;
    }
  | {
      readonly type: 'step';
      /** At least one; of several, all but the last were drafted. */
      readonly tokens: readonly NewToken[];
      /** Tokens that the run before this tried out. */
      readonly drafted: number;
    };

export interface NewToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  readonly atMs: number;
  readonly alternatives?: Alternatives;
}

/** Before the first run; a prompt is at least one token, which `reuse` leaves to be run, so nobody reads it. */
const NOTHING_RUN: NextToken = { of: 'all', logits: new Float32Array(0) };

/**
 * One reply, step by step; returns why it ended. The stop token is not part of the reply. However it ends, the
 * cache holds the beginning of prompt and reply, so the next prompt may build on it.
 *
 * A step is one token, or several where a draft was true: the model tells for each drafted token what it would have expected in its
 * place, and as long as the choice from that is the drafted token, the next expectation holds too. Each token is thus chosen from
 * the very distribution, with the very random number, that it would have been without a draft.
 */
export async function* generate(
  cache: PromptCache,
  plan: Plan,
  clock: Clock,
): AsyncGenerator<Progress, StopReason> {
  const { prompt, chunkTokens, pauseAfterTokens, maxNewTokens, lookup } = plan;
  const reusedTokens = cache.reuse(prompt);
  yield { type: 'prefill', doneTokens: reusedTokens, reusedTokens, runMs: 0 };

  let next: NextToken = NOTHING_RUN;
  while (cache.length < prompt.length) {
    await clock.yieldToEvents();
    if (plan.isCancelled()) return 'cancelled';
    const startedAtMs = clock.now();
    const pause = cache.length < pauseAfterTokens ? pauseAfterTokens : prompt.length;
    const chunk = prompt.slice(cache.length, Math.min(cache.length + chunkTokens, pause));
    const ran = await cache.run(chunk, plan.isCancelled);
    if (ran === 'cancelled') return 'cancelled';
    next = ran;
    const runMs = clock.now() - startedAtMs;
    yield { type: 'prefill', doneTokens: cache.length, reusedTokens, runMs };
  }

  const seen = new Set(prompt);
  for (const id of prompt) lookup?.push(id);
  let draft: readonly number[] = [];
  /** What the model expects after the text, then after each drafted token. */
  let expected: readonly NextToken[] = [next];
  for (let made = 0; ;) {
    await clock.yieldToEvents(); // WASM steps never leave the microtask queue: 'cancel' would wait
    if (plan.isCancelled()) {
      cache.truncate(cache.length - draft.length);
      return 'cancelled';
    }

    const tokens: NewToken[] = [];
    let accepted = 0;
    let ending: StopReason | null = null;
    for (const expectation of expected) {
      const choice = plan.choose(expectation, seen);
      const { id } = choice;
      if (plan.stopTokens.has(id)) ending = 'stop';
      if (ending !== null) break;
      seen.add(id);
      lookup?.push(id);
      tokens.push({ ...choice, text: plan.text.push(id), atMs: clock.now() });
      made++;
      if (plan.text.isStopped) ending = 'stop-string';
      else if (made === maxNewTokens) ending = 'length'; // before the run: nobody would read what it gives
      if (id !== draft[accepted]) break;
      accepted++;
      if (ending !== null) break;
    }
    cache.truncate(cache.length - (draft.length - accepted));
    if (tokens.length > 0) yield { type: 'step', tokens, drafted: draft.length };
    if (draft.length > 0) lookup?.judge(draft.length, accepted);
    if (ending !== null) return ending;
    if (cache.roomTokens === 0) return 'context';

    const id = present(tokens.at(-1), 'a chosen token').id;
    const most = Math.min(cache.roomTokens, MOST_SCORED_TOKENS, maxNewTokens - made) - 1;
    draft = lookup?.draft(most) ?? [];
    expected = draft.length === 0 ? [await cache.run([id])] : await cache.score([id, ...draft]);
  }
}
