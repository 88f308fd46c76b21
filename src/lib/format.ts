/**
 * Numbers as a person reads them. Unknown is "–", never 0. Units that are words of a language
 * ("tokens") are the caller's; units that are signs (MB, s, ms) come from here.
 */

export const UNKNOWN = '–';

const LOCALE = 'en';
const COUNT = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });

/** Whole numbers with separators: `1,024`. */
export function formatCount(count: number | null): string {
  return count === null ? UNKNOWN : COUNT.format(count);
}

/** A rate without its unit, three figures: `0.87`, `14.2`, `118`. */
export function formatRate(perSecond: number | null): string {
  return perSecond === null ? UNKNOWN : threeFigures(perSecond);
}

/** Decimal units, as model hosts and disks count them: `812 B`, `491 MB`, `1.12 GB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  if (bytes < 1e3) return `${COUNT.format(bytes)} B`;
  if (bytes < 999.5e3) return `${COUNT.format(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${COUNT.format(bytes / 1e6)} MB`;
  return `${threeFigures(bytes / 1e9)} GB`;
}

/** `312 of 491 MB`: both in the unit of the total, so that the eye compares figures only. `312 MB` while the total is unknown. */
export function formatBytesOf(doneBytes: number, totalBytes: number | null): string {
  if (totalBytes === null) return formatBytes(doneBytes);
  const total = formatBytes(totalBytes);
  const [, unit = 'B'] = total.split(' ');
  const divisor = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1;
  const done = doneBytes / divisor;
  return `${unit === 'GB' ? done.toFixed(2) : COUNT.format(done)} of ${total}`;
}

/** A measured duration: `42 ms`, `0.31 s`, `12.4 s`, `2 min 5 s`. */
export function formatDuration(elapsedMs: number | null): string {
  if (elapsedMs === null) return UNKNOWN;
  if (elapsedMs < 99.5) return `${COUNT.format(elapsedMs)} ms`;
  if (elapsedMs < 9_995) return `${(elapsedMs / 1000).toFixed(2)} s`;
  if (elapsedMs < 59_950) return `${(elapsedMs / 1000).toFixed(1)} s`;
  return formatWholeSeconds(elapsedMs);
}

/** An estimate, coarse on purpose: `38 s`, `2 min 5 s`, `1 h 4 min`. Never below `1 s`. */
export function formatTimeLeft(leftMs: number): string {
  return formatWholeSeconds(Math.max(1000, leftMs));
}

const DATE = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });

/** A day, in the place's own time: `Nov 22, 2026`. @param iso as `Date.prototype.toISOString` writes it */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.valueOf()) ? UNKNOWN : DATE.format(date);
}

function formatWholeSeconds(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function threeFigures(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return COUNT.format(value);
}
