/** Numbers about one reply. Every field: one definition (its docstring), one unit (its name), the worker's clock. */
export interface GenerationSummary {
  /** Tokens of the whole templated prompt, special tokens and what was begun of the reply included. */
  readonly promptTokens: number;
  /** Of those, how many were already in the KV cache and were not run again. */
  readonly reusedTokens: number;
  /** Tokens sampled and kept in the reply; the stop token is not counted. */
  readonly newTokens: number;
  /** From accepting the request to sampling the first token, template and prefill included. Null if there was none. */
  readonly ttftMs: number | null;
  /** Prompt tokens that were run (promptTokens − reusedTokens, unless cancelled) ÷ time inside those runs. Null when nothing was run. */
  readonly prefillTokensPerSecond: number | null;
  /** (n − 1) tokens ÷ time from first to last token. Null below two tokens. */
  readonly decodeTokensPerSecond: number | null;
  /** Prompt and reply now in the KV cache, in tokens. */
  readonly contextUsedTokens: number;
  readonly contextTokens: number;
  /** From accepting the request to the ending. */
  readonly totalMs: number;
}

/** What loading a compiled model took. */
export interface LoadSummary {
  readonly phases: readonly {
    readonly name: 'runtime' | 'weights' | 'tokenizer' | 'warm-up';
    readonly elapsedMs: number;
  }[];
  readonly threads: number;
}
