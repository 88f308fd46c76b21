/**
 * Every language the page speaks: each file in words/ is one, named by its tag (BCP 47). The build makes two parts of each, so
 * that a visitor fetches one half of one language before the page is painted.
 */
import type { FirstWords, LaterWords } from './spoken.ts';

const first = import.meta.glob<FirstWords>('./words/*.ts', { import: 'first', query: '?first' });
const later = import.meta.glob<LaterWords>('./words/*.ts', { import: 'later', query: '?later' });

/** For whoever reads none of the others. */
export const FALLBACK = 'en';

/** Tags, the fallback first. */
export const LANGUAGES: readonly string[] = Object.keys(first)
  .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  .sort((a, b) => Number(b === FALLBACK) - Number(a === FALLBACK) || a.localeCompare(b));

export function fetchFirst(tag: string): Promise<FirstWords> {
  return fetchPart(first, tag);
}

export function fetchLater(tag: string): Promise<LaterWords> {
  return fetchPart(later, tag);
}

function fetchPart<Words>(parts: Record<string, () => Promise<Words>>, tag: string) {
  const part = parts[`./words/${tag}.ts`] ?? parts[`./words/${FALLBACK}.ts`];
  return part === undefined ? Promise.reject(new Error(`no words in ${tag}`)) : part();
}

/**
 * The first of a person's languages that the page speaks, in their script where there is a choice.
 * @param wanted as `navigator.languages` has them
 */
export function preferredLanguage(wanted: readonly string[], spoken = LANGUAGES): string {
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split('-');
    const able = spoken.filter((one) => one.split('-', 1)[0] === language);
    // What a browser knows of scripts takes it some time to find: only where there is a choice.
    const alike = able.length < 2 ? null : able.find((one) => scriptOf(one) === scriptOf(tag));
    const best = alike ?? able[0];
    if (best !== undefined) return best;
  }
  return FALLBACK;
}

/** `Hant` of `zh-TW`. Null of what is no tag. */
function scriptOf(tag: string): string | null {
  try {
    return new Intl.Locale(tag).maximize().script ?? null;
  } catch {
    return null;
  }
}
