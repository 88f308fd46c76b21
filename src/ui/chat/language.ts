/** A text of more than this says early on which language it is in. */
const ENOUGH_CHARACTERS = 200;

/**
 * What `lang` is to say of a text that somebody wrote: Chinese where most of its words are. Undefined where its letters
 * do not tell, so that it counts as the page's own language; empty, which is "unknown", where they tell that it is not in that one.
 * @param page tag of the language around the text
 */
export function languageOf(text: string, page: string): 'zh' | '' | undefined {
  const beginning = text.slice(0, ENOUGH_CHARACTERS);
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(beginning)) return '';
  const han = beginning.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = beginning.match(/\p{Script=Latin}+/gu)?.length ?? 0;
  if (han > words) return 'zh';
  return words > 0 && page.startsWith('zh') ? '' : undefined;
}
