import type { AppError, ErrorCode } from '../contract/errors.ts';
import { format } from './format.ts';
import { untilLaterWords } from './language.ts';
import { laterWords } from './spoken.ts';
import { failures } from './words.ts';
import { sentenceOf } from './words/shape/failure-sentences.ts';

/** What a person reads of a failure in the language of the moment: in short, until the sentences with the numbers are here. */
export function failureText(failure: Pick<AppError, 'code' | 'detail'>): string {
  const words = laterWords.value;
  if (words !== null) return sentenceOf(failure, words.errors.sentences, format.value);
  untilLaterWords().catch(() => {}); // without them it stays short
  const short: Partial<Record<ErrorCode, string>> & { readonly other: string } = failures.short;
  return short[failure.code] ?? short.other;
}
