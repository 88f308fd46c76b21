import { AppError, type ErrorCode } from '../contract/errors.ts';

/** What says that a file cannot be run, now or later: keeping it would only take room. */
const UNFIT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-gguf',
  'gguf-truncated',
  'gguf-malformed',
  'gguf-version',
  'unsupported-architecture',
  'unsupported-tensor-type',
  'missing-tensor',
  'vocabulary-mismatch',
]);

/** Whether a failure lies in the file itself. */
export function isUnfit(error: unknown): boolean {
  return error instanceof AppError && UNFIT.has(error.code);
}
