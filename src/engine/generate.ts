import type { StopReason } from '../contract/events.ts';
import type { NextToken } from './next-token.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { Choice } from './sampling/sampler.ts';
import type { ReplyText } from './text/reply-text.ts';

/** Everything that decides what a reply will be. */
export interface Plan {
  /** At least one token; all of it fits the context. */
  readonly prompt: readonly number[];
  /** Prompt tokens per run; between runs a cancel is heard. */
  readonly chunkTokens: number;
  readonly choose: (next: NextToken, seen: ReadonlySet<number>) => Choice;
  readonly text: ReplyText;
  readonly stopTokens: ReadonlySet<number>;
  readonly maxNewTokens: number;
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
      readonly type: 'token';
      readonly id: number;
      readonly text: string;
      readonly logprob: number;
      readonly atMs: number;
    };

/** Before the first run; a prompt is at least one token, which `reuse` leaves to be run, so nobody reads it. */
const NOTHING_RUN: NextToken = { of: 'all', logits: new Float32Array(0) };

/**
 * One reply, token by token; returns why it ended. The stop token is not part of the reply. However it ends, the
 * cache holds exactly what was run, so the next prompt may build on it.
 */
export async function* generate(
  cache: PromptCache,
  plan: Plan,
  clock: Clock,
): AsyncGenerator<Progress, StopReason> {
  const { prompt, chunkTokens, maxNewTokens } = plan;
  const reusedTokens = cache.reuse(prompt);
  yield { type: 'prefill', doneTokens: reusedTokens, reusedTokens, runMs: 0 };

  let next: NextToken = NOTHING_RUN;
  while (cache.length < prompt.length) {
    await clock.yieldToEvents();
    if (plan.isCancelled()) return 'cancelled';
    const startedAtMs = clock.now();
    next = await cache.run(prompt.slice(cache.length, cache.length + chunkTokens));
    const runMs = clock.now() - startedAtMs;
    yield { type: 'prefill', doneTokens: cache.length, reusedTokens, runMs };
  }

  const seen = new Set(prompt);
  for (let made = 1; ; made++) {
    await clock.yieldToEvents(); // WASM steps never leave the microtask queue: 'cancel' would wait
    if (plan.isCancelled()) return 'cancelled';

    const { id, logprob } = plan.choose(next, seen);
    if (plan.stopTokens.has(id)) return 'stop';
    seen.add(id);
    yield { type: 'token', id, text: plan.text.push(id), logprob, atMs: clock.now() };

    if (plan.text.isStopped) return 'stop-string';
    if (made === maxNewTokens) return 'length'; // before the run: nobody would read what it gives
    if (cache.isFull) return 'context';
    next = await cache.run([id]);
  }
}
