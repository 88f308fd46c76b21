import { AppError, type ErrorCode } from '../contract/errors.ts';

const MISSING =
  'The small model that comes with this page did not arrive. The page works without it: get a model, or check the connection and try again.';
const CHANGED =
  'What arrived is not the small model that belongs to this page, so it was deleted. The page works without it: get a model, or reload the page and try again.';

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  'download-failed': MISSING,
  'length-mismatch': CHANGED,
  'checksum-mismatch': CHANGED,
  'html-not-model': CHANGED,
};

/** The same failure, said of a file that nobody chose; one that is said rightly already comes back as it was. */
export function asGuideFailure(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const userMessage = SENTENCES[error.code];
  if (userMessage === undefined) return error;
  return new AppError(error.code, error.message, { userMessage, cause: error.cause });
}
