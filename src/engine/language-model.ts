import type { RunTimes } from '../contract/stats.ts';
import type { NextToken } from './next-token.ts';

/** Most tokens of a `scoreEach`. */
export const MOST_SCORED_TOKENS = 8;

/**
 * A decoder with a KV cache: tokens in, expectation of the next token out. Both engines satisfy it, and the contract
 * suite (test/contract/language-model.ts) says what that means. Not re-entrant: one call at a time.
 */
export interface LanguageModel {
  /** Tokens the model knows: at least as many as the tokenizer has. */
  readonly vocabulary: number;
  /** Most tokens the cache holds. */
  readonly contextTokens: number;
  /** Tokens in the cache now. */
  readonly length: number;
  /** Of the latest run; null before the first. Only engines have it that can tell. */
  readonly latestTimes?: RunTimes | null;

  /**
   * Runs `tokens` (at least one) after what the cache holds and keeps them.
   * @returns what the model expects after the last one; a model always gives the same kind.
   * @throws RangeError when the cache would pass `contextTokens` or an id is out of range; the cache is unchanged.
   */
  prefill(tokens: readonly number[]): Promise<NextToken>;

  /**
   * The same for a run that somebody may not want any more.
   * @param isCancelled asked between parts of the run, after queued events were let in, by engines that can stop there
   * @returns `cancelled` when it said so; the cache is then as before
   */
  prefill(tokens: readonly number[], isCancelled: () => boolean): Promise<NextToken | 'cancelled'>;

  /** `prefill` for one token. */
  decode(token: number): Promise<NextToken>;

  /**
   * Runs 1 to `MOST_SCORED_TOKENS` tokens as `prefill` does, and tells what the model expects after each of them: exactly what as many
   * `decode`s would. For verifying drafts; only engines have it that do so in less time than the `decode`s.
   * @returns one per token, all valid until the next call of the model
   * @throws RangeError as `prefill`, and for more tokens
   */
  scoreEach?(tokens: readonly number[]): Promise<readonly NextToken[]>;

  /**
   * Forgets all but the first `length` tokens. Cheap: nothing is copied.
   * @throws RangeError unless 0 ≤ length ≤ this.length
   */
  truncate(length: number): void;

  /** A copy of the cache, owned by the caller; goes back with `restore` on a model loaded from the same files. */
  snapshot(): Promise<KvSnapshot>;
  /** @throws RangeError when the snapshot is of another shape or longer than the context; the cache is unchanged. */
  restore(snapshot: KvSnapshot): Promise<void>;

  /** Releases session and memory; every later call rejects. */
  dispose(): Promise<void>;
}

/** Keys and values of every layer: `[layers][2][keyValueHeads][length][headSize]`, in the model's own type. */
export interface KvSnapshot {
  readonly length: number;
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** float32, float16 as its bits, or the bytes of a layout that is the model's own business. */
  readonly values: Float32Array | Uint16Array | Uint8Array;
}
