/** What hosts and networks do instead of sending the file, and what that means for asking again. */
import { AppError } from '../../contract/errors.ts';

export class HostFailure extends Error {
  override readonly name = 'HostFailure';
  /** What the person reads when nobody else has the file. */
  readonly error: AppError;
  /** Asking this host again would change nothing. */
  readonly isLasting: boolean;
  /** How long the host wants to be left alone; null where it said nothing. */
  readonly patienceMs: number | null;
  /** There was no answer that could be read, so that nothing is known of the host. */
  readonly isUnanswered: boolean;

  constructor(
    error: AppError,
    also: {
      readonly isLasting: boolean;
      readonly patienceMs?: number | null;
      readonly isUnanswered?: boolean;
    },
  ) {
    super(error.message, { cause: error });
    this.error = error;
    this.isLasting = also.isLasting;
    this.patienceMs = also.patienceMs ?? null;
    this.isUnanswered = also.isUnanswered ?? false;
  }
}

/** Asked again, the host may well send it. */
export function passing(
  error: AppError,
  {
    patienceMs = null,
    isUnanswered = false,
  }: { patienceMs?: number | null; isUnanswered?: boolean } = {},
): HostFailure {
  return new HostFailure(error, { isLasting: false, patienceMs, isUnanswered });
}

export function lasting(error: AppError): HostFailure {
  return new HostFailure(error, { isLasting: true });
}

/**
 * @param hasDelivered the host sent a part of the file before: a refusal now is that of an address that expired
 */
export function refusal(response: Response, place: string, hasDelivered: boolean): HostFailure {
  const { status } = response;
  const error = new AppError('download-failed', `${place} answered HTTP ${status}`, {
    detail: { type: 'refused', httpStatus: status },
  });
  if (PASSING.has(status) || status >= 500 || (hasDelivered && status === 403)) {
    const patienceMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return passing(error, { patienceMs });
  }
  return lasting(error);
}

/** Request Timeout, Too Early, Too Many Requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * `Retry-After` in milliseconds from now, never negative: seconds or a date (RFC 9110 §10.2.3). Null when there is
 * none, or none that other origins may read.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** An address for the log: without its query, which may hold a key. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
