import { AppError, fromWire, toWire, type ErrorCode } from '../../src/contract/errors.ts';
import { createFormat } from '../../src/lib/format.ts';
import { first, later } from '../../src/ui/words/en.ts';
import { sentenceOf } from '../../src/ui/words/shape/failure-sentences.ts';

/** A failure that only the command line knows: it speaks of the paths and files that were named to it. */
export class CommandFailure extends AppError {
  readonly sentence: string;

  constructor(
    code: ErrorCode,
    message: string,
    { sentence, cause }: { readonly sentence: string; readonly cause?: unknown },
  ) {
    super(code, message, { cause });
    this.sentence = sentence;
  }
}

const format = createFormat(first.numbers);

/** What a person reads of a failure on the command line: the page's sentence, in English. */
export function sentenceFor(error: unknown): string {
  if (error instanceof CommandFailure) return error.sentence;
  return sentenceOf(fromWire(toWire(error)), later.errors.sentences, format);
}
