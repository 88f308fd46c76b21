import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { present } from '../lib/assert.ts';
import type { first as ENGLISH, later as ENGLISH_LATER } from './words/en.ts';

/** What every language has words for: the shape of English. The first half comes with the page, the rest with the views that need it. */
export type FirstWords = typeof ENGLISH;
export type LaterWords = typeof ENGLISH_LATER;

const first = signal<FirstWords | null>(null);
const later = signal<LaterWords | null>(null);

/** How the language of the moment writes numbers. */
export const numberWords = computed(() => present(first.value, 'words').numbers);

/** Null until the second half is here. */
export const laterWords: ReadonlySignal<LaterWords | null> = later;

/** The page speaks with these words from now on; whatever has read one is made anew. */
export function speak(words: FirstWords, laterHalf: LaterWords | null): void {
  batch(() => {
    first.value = words;
    later.value = laterHalf;
  });
}

/** The second half, when it comes after the first. */
export function speakLater(words: LaterWords): void {
  later.value = words;
}

/** A group of words in the language of the moment. Reading one is reading a signal: what was made of it follows the language. */
export const firstGroup = <Name extends keyof FirstWords>(name: Name) => group(first, name);
export const laterGroup = <Name extends keyof LaterWords>(name: Name) => group(later, name);

function group<Words extends object, Name extends keyof Words>(
  words: ReadonlySignal<Words | null>,
  name: Name,
): Words[Name] {
  const read = (_: object, word: string | symbol): unknown =>
    Reflect.get(Object(present(words.value, `words about ${String(name)}`)[name]), word);
  return new Proxy({}, { get: read }) as Words[Name];
}
