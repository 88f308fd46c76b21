import { AppError } from '../contract/errors.ts';

/** The same failure, said of a file that nobody chose; one that is said rightly already comes back as it was. */
export function asGuideFailure(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, cause } = error;
  const missing = { detail: { type: 'guide-missing' }, cause } as const;
  const changed = { detail: { type: 'guide-changed' }, cause } as const;
  if (code === 'download-failed') return new AppError(code, message, missing);
  if (code === 'length-mismatch') return new AppError(code, message, changed);
  if (code === 'checksum-mismatch') return new AppError(code, message, changed);
  if (code === 'html-not-model') return new AppError(code, message, changed);
  return error;
}
