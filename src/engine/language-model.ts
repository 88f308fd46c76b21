/**
 * A decoder with a KV cache: tokens in, logits of the next token out. Both engines satisfy it, and the contract
 * suite (test/contract/language-model.ts) says what that means. Not re-entrant: one call at a time.
 */
export interface LanguageModel {
  /** Entries of a logits array: at least as many as the tokenizer has tokens. */
  readonly vocabulary: number;
  /** Most tokens the cache holds. */
  readonly contextTokens: number;
  /** Tokens in the cache now. */
  readonly length: number;

  /**
   * Runs `tokens` (at least one) after what the cache holds and keeps them.
   * @returns raw logits of the token after the last one: `[vocabulary]`, valid until the next call.
   * @throws RangeError when the cache would pass `contextTokens` or an id is out of range; the cache is unchanged.
   */
  prefill(tokens: readonly number[]): Promise<Float32Array>;

  /** `prefill` for one token. */
  decode(token: number): Promise<Float32Array>;

  /**
   * Forgets all but the first `length` tokens. Cheap: nothing is copied.
   * @throws RangeError unless 0 ≤ length ≤ this.length
   */
  truncate(length: number): void;

  /** A copy of the cache, owned by the caller; goes back with `restore` on a model loaded from the same files. */
  snapshot(): KvSnapshot;
  /** @throws RangeError when the snapshot is of another shape or longer than the context. */
  restore(snapshot: KvSnapshot): void;

  /** Releases session and memory; every later call rejects. */
  dispose(): Promise<void>;
}

/** Keys and values of every layer: `[layers][2][keyValueHeads][length][headSize]`, float32. */
export interface KvSnapshot {
  readonly length: number;
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly values: Float32Array;
}
