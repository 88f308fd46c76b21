import type { Rule } from './read-policy.ts';

/**
 * Holds back as much of a reply as the beginning of a blocked passage could be: no character of one is ever shown. What is behind that is
 * shown as it comes.
 */
export class ReplyGuard {
  readonly #rules: readonly Rule[];
  readonly #mostCharacters: number;
  readonly #heldBack: number;
  readonly #found = new Set<Rule>();
  #read = 0;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    this.#mostCharacters = most(rules);
    this.#heldBack = Math.max(0, most(rules.filter(({ action }) => action === 'block')) - 1);
  }

  /**
   * @param text all of the reply so far
   * @returns rules that match for the first time, and how much of `text` may be shown if none of them blocks
   */
  look(
    text: string,
    isWhole: boolean,
  ): { readonly found: readonly Rule[]; readonly shown: number } {
    const recent = text.slice(Math.max(0, this.#read - this.#mostCharacters));
    this.#read = text.length;
    const found = this.#rules.filter((rule) => !this.#found.has(rule) && rule.match.test(recent));
    for (const rule of found) this.#found.add(rule);
    const shown = isWhole ? text.length : Math.max(0, text.length - this.#heldBack);
    return { found, shown: isInPair(text, shown) ? shown - 1 : shown };
  }
}

function most(rules: readonly Rule[]): number {
  return Math.max(0, ...rules.map(({ mostCharacters }) => mostCharacters));
}

/** Whether a cut there would divide a character that takes two units. */
function isInPair(text: string, at: number): boolean {
  return at > 0 && at < text.length && /[\ud800-\udbff]/.test(text.charAt(at - 1));
}
