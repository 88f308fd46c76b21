import type { ChatMessage } from '../contract/engine.ts';
import { decodePrefix, encodePrefix, type KeptPrefix } from './kept-prefix.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { ChatTemplate } from './text/chat-template.ts';

/** Where a run beginning is kept from one visit to the next. */
export interface PrefixFile {
  /** Null when there is none. */
  read(): Promise<Uint8Array | null>;
  /** In place of what is there; whole or not at all. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Longer ones are not kept: 24.6 kB a token in float32 (0.5B), and a person who writes more changes it often. */
const MOST_TOKENS = 512;

/**
 * The beginning that all conversations with one system prompt share, run once: in memory for the next conversation, in a file for the
 * next visit. A file that cannot be read or written costs time, never an answer.
 */
export class SystemPrompt {
  readonly #template: ChatTemplate;
  readonly #file: PrefixFile;
  #kept: KeptPrefix | null = null;
  #isSaved = false;
  /** Of the system message that was asked for last. */
  #found: { readonly content: string | null; readonly ids: readonly number[] } | null = null;

  private constructor(template: ChatTemplate, file: PrefixFile) {
    this.#template = template;
    this.#file = file;
  }

  static async open(template: ChatTemplate, file: PrefixFile): Promise<SystemPrompt> {
    const prompt = new SystemPrompt(template, file);
    const bytes = await file.read().catch(() => null);
    prompt.#kept = bytes === null ? null : decodePrefix(bytes);
    prompt.#isSaved = prompt.#kept !== null;
    return prompt;
  }

  /** Puts what is kept into `cache`, where that is more of `prompt` than `cache` holds. */
  async warm(cache: PromptCache, prompt: readonly number[]): Promise<void> {
    const kept = this.#kept;
    if (kept === null) return;
    const { length } = kept.ids;
    const fits =
      length < prompt.length &&
      commonLength(kept.ids, prompt) === length &&
      length <= cache.mostTokens;
    if (!fits || commonLength(cache.ids, prompt) >= length) return;
    try {
      await cache.restore(kept);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#kept = null; // of another shape: as good as none
    }
  }

  /**
   * How many tokens of `prompt` come before the first word of the person, where it is worth keeping them: 0 when they are kept already.
   * @param messages that `prompt` was made of
   */
  tokensToKeep(messages: readonly ChatMessage[], prompt: readonly number[]): number {
    const length = commonLength(this.#idsBefore(messages), prompt);
    if (length === 0 || length > MOST_TOKENS || length >= prompt.length) return 0;
    const kept = this.#kept?.ids ?? [];
    return kept.length === length && commonLength(kept, prompt) === length ? 0 : length;
  }

  /** Takes a copy of `cache`, which holds the beginning and nothing else. */
  async keep(cache: PromptCache): Promise<void> {
    this.#kept = { ids: [...cache.ids], snapshot: await cache.snapshot() };
    this.#isSaved = false;
  }

  /** Writes what was kept since the last time. */
  async save(): Promise<void> {
    if (this.#kept === null || this.#isSaved) return;
    this.#isSaved = true; // one try: a device without room has none a second later
    await this.#file.write(encodePrefix(this.#kept)).catch(() => {});
  }

  /** What the template writes before the person's first word: the same whatever that word is. */
  #idsBefore(messages: readonly ChatMessage[]): readonly number[] {
    const [first] = messages;
    const system = first?.role === 'system' ? first : null;
    const content = system?.content ?? null;
    if (this.#found?.content !== content || this.#found === null) {
      const [one = [], other = []] = ['a', 'b'].map((word) =>
        this.#template.encode([
          ...(system === null ? [] : [system]),
          { role: 'user', content: word },
        ]),
      );
      this.#found = { content, ids: one.slice(0, commonLength(one, other)) };
    }
    return this.#found.ids;
  }
}

/** Of two sequences, how many tokens are the same from the beginning. */
function commonLength(one: readonly number[], other: readonly number[]): number {
  const most = Math.min(one.length, other.length);
  let common = 0;
  while (common < most && one[common] === other[common]) common++;
  return common;
}
