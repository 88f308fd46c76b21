import type { AppError } from '../contract/errors.ts';
import { errors } from './words.ts';

/**
 * What a person reads of a failure, in the language of the moment. Only English has sentences with the numbers of the case; another
 * language says what its code means.
 */
export function failureText({ code, userMessage }: Pick<AppError, 'code' | 'userMessage'>): string {
  return errors.sentences[code] ?? userMessage;
}
