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
  /** Where the request asked for alternatives. */
  readonly insight?: TokenInsight;
}

/** How sure the model was of a token, and what else might have stood there. */
export interface TokenInsight {
  /** Probability of the token before the sampling chain: softmax of the raw logits, temperature 1. */
  readonly before: number;
  /** Of the whole distribution before the chain. */
  readonly entropyNats: number;
  /** Most likely first; what was chosen is among them. */
  readonly alternatives: readonly Alternative[];
}

export interface Alternative extends Piece {
  readonly id: number;
  /** Probability before the sampling chain. */
  readonly before: number;
  /** Probability it could be drawn with, after the chain; 0 for what the chain leaves out. */
  readonly after: number;
}

/** A token as text: a control token by its name, part of a character as U+FFFD. */
export interface Piece {
  readonly text: string;
  readonly isControl: boolean;
}

/** On the port, in order: one `prompt` where the request asked for alternatives; one or more `prefill` (the last with `doneTokens === promptTokens`), any number of `step`s, exactly one of the two endings. */
export type GenerationEvent =
  /** The prompt as the model reads it, what was begun of the reply included; and the text of what was begun. */
  | { readonly type: 'prompt'; readonly pieces: readonly Piece[]; readonly begunText: string }
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
