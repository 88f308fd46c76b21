/**
 * Drafts the next tokens of a reply from the text so far: where its last few tokens occurred before, what followed
 * then may follow again. Copying, rewriting and code repeat themselves; free text hardly does, and there this falls
 * silent by itself. Only guesses: whoever runs a draft decides by the model what of it is true.
 *
 * Source: A. Saxena, "Prompt Lookup Decoding", https://github.com/apoorvumang/prompt-lookup-decoding, 2023; the same
 * idea as N. Yang et al., "Inference with Reference", arXiv 2304.04487.
 */

/** Tokens that must repeat before anything is drafted, the longest looked for first: it finds the better place. */
const CONTEXT_TOKENS = [4, 2] as const;
/** What follows a pair is drafted no further than this: pairs repeat by chance, too, and a short run costs little. */
const LONGEST_AFTER_PAIR = 2;
/** A first guess is short: what it costs to be wrong grows with it. */
const SHORTEST_DRAFT = 3;
/** After a draft that was wrong at once: this many tokens without one, twice as many after the next, and so on. */
const FIRST_PAUSE_TOKENS = 1;
const LONGEST_PAUSE_TOKENS = 256;

export class PromptLookup {
  readonly #longestDraft: number;
  readonly #ids: number[] = [];
  /** For each of `CONTEXT_TOKENS`: key of as many ids → where what followed them last begins. The end of the text is not in it. */
  readonly #followedAt = CONTEXT_TOKENS.map(() => new Map<string, number>());
  #draftTokens = SHORTEST_DRAFT;
  #pauseTokens = FIRST_PAUSE_TOKENS;
  /** Length of the text before which nothing is drafted. */
  #resumeAt = 0;

  /** @param longestDraft at least 1; runs of one more token than this must pay */
  constructor(longestDraft: number) {
    this.#longestDraft = longestDraft;
  }

  /** Takes the next token of the text: of the prompt first, then of the reply. */
  push(id: number): void {
    // Only now is something known to follow the tokens before: the end of the text would find itself.
    for (const [i, tokens] of CONTEXT_TOKENS.entries()) {
      const key = this.#lastTokens(tokens);
      if (key !== null) this.#followedAt[i]?.set(key, this.#ids.length);
    }
    this.#ids.push(id);
  }

  /**
   * What followed the last time that the text read as it ends now.
   * @param most tokens that there is room for
   * @returns empty when nothing is worth a try
   */
  draft(most: number): readonly number[] {
    if (this.#ids.length < this.#resumeAt) return [];
    for (const [i, tokens] of CONTEXT_TOKENS.entries()) {
      const key = this.#lastTokens(tokens);
      const start = key === null ? undefined : this.#followedAt[i]?.get(key);
      if (start === undefined) continue;
      const longest = tokens > 2 ? this.#longestDraft : LONGEST_AFTER_PAIR;
      return this.#ids.slice(start, start + Math.min(most, this.#draftTokens, longest));
    }
    return [];
  }

  /**
   * Learns how the last draft went: all true, and the next may be as long as any; wrong at once, and there is a pause.
   * @param accepted of its `drafted` tokens (at least one), from the first on
   */
  judge(drafted: number, accepted: number): void {
    this.#draftTokens =
      accepted === drafted ? this.#longestDraft : Math.max(SHORTEST_DRAFT, accepted + 1);
    if (accepted > 0) {
      this.#pauseTokens = FIRST_PAUSE_TOKENS;
    } else {
      this.#resumeAt = this.#ids.length + this.#pauseTokens;
      this.#pauseTokens = Math.min(LONGEST_PAUSE_TOKENS, 2 * this.#pauseTokens);
    }
  }

  #lastTokens(tokens: number): string | null {
    return this.#ids.length < tokens ? null : this.#ids.slice(-tokens).join();
  }
}
