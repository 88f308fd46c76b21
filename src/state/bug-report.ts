import { toWire, type AppError } from '../contract/errors.ts';

/**
 * What a person may copy into a report: code, message, causes and stack. Errors hold neither prompt nor reply.
 * @param place what it happened in: versions, browser
 */
export function bugReport(error: AppError, place: readonly string[]): string {
  const { code, message, causes, stack } = toWire(error);
  return [...place, `${code}: ${message}`, ...causes, stack ?? ''].join('\n');
}
