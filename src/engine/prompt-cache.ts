import { present } from '../lib/assert.ts';
import type { KeptPrefix } from './kept-prefix.ts';
import type { KvSnapshot, LanguageModel } from './language-model.ts';
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

  /**
   * Keeps the beginning that the cache has in common with `prompt` and forgets the rest. At least the last token
   * of the prompt is left to run: what comes after it is not in the cache.
   * @returns tokens of `prompt` that need not be run
   */
  reuse(prompt: readonly number[]): number {
    const most = Math.min(this.length, prompt.length - 1);
    let common = 0;
    while (common < most && this.#ids[common] === prompt[common]) common++;
    this.truncate(common);
    return common;
  }

  /** Whether `score` can be called: the model verifies several tokens for less than what as many steps cost. */
  get canScore(): boolean {
    return this.#model.scoreEach !== undefined;
  }

  /** What is cached; changes with every run. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Most tokens that it holds. */
  get mostTokens(): number {
    return this.#model.contextTokens;
  }

  /** Tokens for which there is room. */
  get roomTokens(): number {
    return this.mostTokens - this.length;
  }

  /** Runs `ids` (at least one) after what is cached; see `LanguageModel.prefill` for what comes back. */
  run(ids: readonly number[]): Promise<NextToken>;
  run(ids: readonly number[], isCancelled: () => boolean): Promise<NextToken | 'cancelled'>;
  async run(
    ids: readonly number[],
    isCancelled: () => boolean = () => false,
  ): Promise<NextToken | 'cancelled'> {
    const [first] = ids;
    const next =
      ids.length === 1 && first !== undefined
        ? await this.#model.decode(first)
        : await this.#model.prefill(ids, isCancelled);
    if (next !== 'cancelled') this.#hold(ids);
    return next;
  }

  /** Runs `ids` and tells what the model expects after each; see `LanguageModel.scoreEach`. */
  async score(ids: readonly number[]): Promise<readonly NextToken[]> {
    const expected = present(await this.#model.scoreEach?.(ids), 'a model that can score');
    this.#hold(ids);
    return expected;
  }

  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void {
    this.#model.truncate(length);
    this.#ids.length = length;
  }

  snapshot(): Promise<KvSnapshot> {
    return this.#model.snapshot();
  }

  /**
   * Puts a beginning in place of all that is cached.
   * @throws RangeError as `LanguageModel.restore`; nothing has changed then
   */
  async restore({ ids, snapshot }: KeptPrefix): Promise<void> {
    await this.#model.restore(snapshot);
    this.#ids.length = 0;
    this.#hold(ids);
  }

  #hold(ids: readonly number[]): void {
    for (const id of ids) this.#ids.push(id);
  }
}
