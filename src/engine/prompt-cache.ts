import type { LanguageModel } from './language-model.ts';
import type { NextToken } from './next-token.ts';

/**
 * A model together with the ids that its KV cache holds, so that a prompt which begins as the last one did is run
 * from where it differs. Whatever stops a generation half-way, what it ran stays usable.
 */
export class PromptCache {
  readonly #model: LanguageModel;
  readonly #ids: number[] = [];

  /** @param model nobody else runs or truncates it from now on */
  constructor(model: LanguageModel) {
    this.#model = model;
    model.truncate(0);
  }

  get length(): number {
    return this.#ids.length;
  }

  get isFull(): boolean {
    return this.length === this.#model.contextTokens;
  }

  /**
   * Keeps the beginning that the cache has in common with `prompt` and forgets the rest. At least the last token
   * of the prompt is left to run: what comes after it is not in the cache.
   * @returns tokens of `prompt` that need not be run
   */
  reuse(prompt: readonly number[]): number {
    const most = Math.min(this.length, prompt.length - 1);
    let common = 0;
    while (common < most && this.#ids[common] === prompt[common]) common++;
    this.#model.truncate(common);
    this.#ids.length = common;
    return common;
  }

  /** Runs `ids` (at least one) after what is cached; see `LanguageModel.prefill` for what comes back. */
  async run(ids: readonly number[]): Promise<NextToken> {
    const [first] = ids;
    const next =
      ids.length === 1 && first !== undefined
        ? await this.#model.decode(first)
        : await this.#model.prefill(ids);
    for (const id of ids) this.#ids.push(id);
    return next;
  }
}
