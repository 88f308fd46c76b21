import { AppError, fromWire, toWire } from '../contract/errors.ts';

/** What was thrown, as something that can be shown; a bug becomes `internal` and keeps its cause. */
export function asAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : fromWire(toWire(thrown));
}
