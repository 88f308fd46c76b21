import type { AppError } from '../contract/errors.ts';
import { untilLaterWords } from './language.ts';
import { laterWords } from './spoken.ts';

/**
 * What a person reads of a failure, in the language of the moment once its words are here, else in English. Only English has sentences
 * with the numbers of the case; another language says what its code means.
 */
export function failureText({ code, userMessage }: Pick<AppError, 'code' | 'userMessage'>): string {
  const words = laterWords.value;
  if (words === null) untilLaterWords().catch(() => {}); // without them English stays
  return words?.errors.sentences[code] ?? userMessage;
}
