import { signal, type ReadonlySignal } from '@preact/signals';
import { firstSpoken, languageFor, rememberChoice, rememberedChoice } from './choose-words.ts';
import { FALLBACK, fetchFirst, fetchLater } from './languages.ts';
import { speak, speakLater } from './spoken.ts';
import { page } from './words.ts';

const spoken = signal(FALLBACK);
const chosen = signal(rememberedChoice());
let laterWords: Promise<void> | null = null;

/** Tag of the language that the page speaks. */
export const language: ReadonlySignal<string> = spoken;

/** What the person chose; null follows the browser. */
export const languageChoice: ReadonlySignal<string | null> = chosen;

/** Resolves when the page can be shown: its first words are there. */
export async function beginToSpeak(): Promise<void> {
  const { tag, words } = await firstSpoken;
  speak(words, null);
  tell(tag);
}

/** Resolves when the views that are fetched later have their words. Words that did not come are asked for again. */
export function untilLaterWords(): Promise<void> {
  laterWords ??= fetchLater(spoken.peek()).then(speakLater, (error: unknown) => {
    laterWords = null;
    throw error;
  });
  return laterWords;
}

/**
 * Speaks another language at once and remembers it; null follows the browser again. The page stays as it is, with what
 * is written and what runs. Rejects, and changes nothing, when the words do not come.
 */
export async function chooseLanguage(tag: string | null): Promise<void> {
  const before = chosen.peek();
  chosen.value = tag;
  const next = languageFor(tag);
  try {
    const words = await Promise.all([fetchFirst(next), fetchLater(next), untilLaterWords()]);
    if (chosen.peek() !== tag) return; // something else was chosen meanwhile
    speak(words[0], words[1]);
    tell(next);
    rememberChoice(tag);
  } catch (error) {
    if (chosen.peek() === tag) chosen.value = before;
    throw error;
  }
}

/** In which language the document is, for everybody who reads it aloud, breaks its lines or finds it. */
function tell(tag: string): void {
  spoken.value = tag;
  document.documentElement.lang = tag;
  document.title = page.title;
  document.querySelector('meta[name=description]')?.setAttribute('content', page.description);
}

/** What a language calls itself. */
export function nameOfLanguage(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}
