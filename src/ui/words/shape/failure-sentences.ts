/** What a language says of failures: what happened, what is kept, what to do. A code or a case without its sentence does not compile. */
import type { AppError, ErrorCode } from '../../../contract/errors.ts';
import type { FailureCases, FieldsOf } from '../../../contract/failure-cases.ts';
import type { Format } from '../../../lib/format.ts';

export type FailureSentences = {
  readonly [Code in ErrorCode]: Code extends keyof FailureCases
    ? SentencesOfCases<FailureCases[Code]>
    : string;
};

/** `plain` is for when nothing but the code is known. */
type SentencesOfCases<Cases> = { readonly plain: string } & {
  readonly [Type in keyof Cases]: keyof Cases[Type] extends never
    ? string
    : (detail: FieldsOf<Cases[Type]>, format: Format) => string;
};

type Sentence = string | ((detail: never, format: Format) => string);

/** The sentence for a failure, with the numbers of its case where there are any. */
export function sentenceOf(
  { code, detail }: Pick<AppError, 'code' | 'detail'>,
  sentences: FailureSentences,
  format: Format,
): string {
  const ofCode:
    string | (Readonly<Partial<Record<string, Sentence>>> & { readonly plain: string }) =
    sentences[code];
  if (typeof ofCode === 'string') return ofCode;
  const sentence = (detail === null ? undefined : ofCode[detail.type]) ?? ofCode.plain;
  return typeof sentence === 'string' ? sentence : sentence(detail as never, format);
}
