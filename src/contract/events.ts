import type { WireError } from './errors.ts';
import type { GenerationSummary } from './stats.ts';

export interface SampledToken {
  readonly id: number;
  /** Text this token completed; empty while a multi-byte character or a possible stop string is still open. */
  readonly text: string;
  /**
   * Natural log of the probability this token was drawn with, after the whole sampling chain. Greedy draws
   * nothing: there it is the log-probability after the repetition penalty, at temperature 1 and among all tokens.
   */
  readonly logprob: number;
  /** Milliseconds since the worker accepted the request, by the worker's clock. */
  readonly atMs: number;
}

/** On the port, in order: one or more `prefill` (the last with `doneTokens === promptTokens`), any number of `step`s, exactly one of the two endings. */
export type GenerationEvent =
  | {
      readonly type: 'prefill';
      /** Prompt tokens in the cache so far, reused ones included. */
      readonly doneTokens: number;
      readonly promptTokens: number;
      readonly reusedTokens: number;
      /** Earlier messages that did not fit the context and were left out of the prompt; the page says so. */
      readonly omittedMessages: number;
    }
  /** One run of the model: one token, or several when a speculative draft was accepted. */
  | { readonly type: 'step'; readonly tokens: readonly SampledToken[]; readonly drafted: number }
  /** `tail` is text that was held back and is now final (an incomplete character shows as U+FFFD). */
  | {
      readonly type: 'end';
      readonly reason: StopReason;
      readonly tail: string;
      readonly summary: GenerationSummary;
    }
  | { readonly type: 'failed'; readonly error: WireError };

/**
 * `stop`: the model ended by itself. `stop-string`: a given string appeared. `length`: the limit the person set.
 * `context`: prompt and reply fill the context. `cancelled`: the person stopped it.
 */
export type StopReason = 'stop' | 'stop-string' | 'length' | 'context' | 'cancelled';
