import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import { createFormat } from '../../src/lib/format.ts';
import { first, later } from '../../src/ui/words/en.ts';
import { sentenceOf } from '../../src/ui/words/shape/failure-sentences.ts';

const format = createFormat(first.numbers);

/** What a person reads of a failure in English. */
export function inEnglish(error: Pick<AppError, 'code' | 'detail'>): string {
  return sentenceOf(error, later.errors.sentences, format);
}

/** The failure that an attempt ends with, and what a person reads of it. @throws what is no `AppError`, and where nothing fails */
export async function failureOf(
  attempt: Promise<unknown> | (() => unknown),
): Promise<{ readonly code: ErrorCode; readonly sentence: string }> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, sentence: inEnglish(error) };
  }
  throw new Error('nothing failed');
}
