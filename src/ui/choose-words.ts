/**
 * The first script that runs, and a small one: it knows the visitor's language and sends for its words, while the page itself is
 * still on its way (vite.config.ts names it in the page).
 */
import { FALLBACK, fetchFirst, LANGUAGES, preferredLanguage } from './languages.ts';
import { browserNotes } from '../state/browser.ts';

/** Where the person's choice is remembered; without one the page follows the browser. */
const NOTE = 'offgrid.language';
const notes = browserNotes(() => localStorage);

export function rememberedChoice(): string | null {
  const noted = notes.read(NOTE);
  return noted !== null && LANGUAGES.includes(noted) ? noted : null;
}

/** @param tag null forgets the choice */
export function rememberChoice(tag: string | null): void {
  notes.write(NOTE, tag);
}

export function languageFor(choice: string | null): string {
  return choice ?? preferredLanguage(navigator.languages);
}

const tag = languageFor(rememberedChoice());

/** Words that did not come are as little to be had as the page itself; those of the fallback may be. */
export const firstSpoken = fetchFirst(tag).then(
  (words) => ({ tag, words }),
  async () => ({ tag: FALLBACK, words: await fetchFirst(FALLBACK) }),
);
