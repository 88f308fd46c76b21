/** Languages that the page has words for. */
export type Language = 'en' | 'zh';

/** The first of the person's languages that the page has; English where it has none of them. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    const [primary] = language.toLowerCase().split('-');
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return 'en';
}

/** For `lang`: the page's words are written in simplified characters. */
export const LANGUAGE_TAGS: Record<Language, string> = { en: 'en', zh: 'zh-Hans' };

/** A text of more than this says early on which language it is in. */
const ENOUGH_CHARACTERS = 200;

/**
 * What `lang` is to say of a text that somebody wrote: Chinese where most of its words are. Undefined where its
 * letters do not tell, so that it counts as the page's own language.
 */
export function languageOf(text: string): 'zh' | undefined {
  const beginning = text.slice(0, ENOUGH_CHARACTERS);
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(beginning)) return undefined;
  const han = beginning.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = beginning.match(/\p{Script=Latin}+/gu)?.length ?? 0;
  return han > words ? 'zh' : undefined;
}
