/**
 * Numbers as a person reads them. Unknown is "–", never 0. Units that are words of a language
 * ("tokens") are the caller's; units that are signs (MB, s, ms) come from here.
 */

export const UNKNOWN = '–';

/** What a language has to say of numbers. `figure` is a number that is written already. */
export interface NumberWords {
  /** For `Intl`, as BCP 47 names it. */
  readonly locale: string;
  readonly percent: (figure: string) => string;
  readonly of: (done: string, total: string) => string;
  readonly milliseconds: (figure: string) => string;
  readonly seconds: (figure: string) => string;
  readonly minutes: (minutes: string, seconds: string) => string;
  readonly hours: (hours: string, minutes: string) => string;
}

export interface Format {
  /** Whole numbers with separators: `1,024`. */
  readonly count: (count: number | null) => string;
  /** A rate without its unit, three figures: `0.87`, `14.2`, `118`. */
  readonly rate: (perSecond: number | null) => string;
  /** With that many digits behind the point: `2.31`. */
  readonly fixed: (value: number, digits: number) => string;
  /** 0–1 in whole percent, rounded down: `99 %` is not done yet. */
  readonly percent: (fraction: number) => string;
  /** 0–1 with one digit: `12.5 %`, `< 0.1 %`, `100 %`. */
  readonly share: (fraction: number) => string;
  /** Decimal units, as model hosts and disks count them: `812 B`, `491 MB`, `1.12 GB`. */
  readonly bytes: (bytes: number | null) => string;
  /** Whole megabytes, rounded up: what is asked of a device and what is left on it are told in one unit: `1,234 MB`. */
  readonly megabytes: (bytes: number) => string;
  /** `312 of 491 MB`: both in the unit of the total, so that the eye compares figures only. `312 MB` while the total is unknown. */
  readonly bytesOf: (doneBytes: number, totalBytes: number | null) => string;
  /** A measured duration: `42 ms`, `0.31 s`, `12.4 s`, `2 min 5 s`. */
  readonly duration: (elapsedMs: number | null) => string;
  /** An estimate, coarse on purpose: `38 s`, `2 min 5 s`, `1 h 4 min`. Never below `1 s`. */
  readonly timeLeft: (leftMs: number) => string;
  /** A day, in the place's own time: `Nov 22, 2026`. @param iso as `Date.prototype.toISOString` writes it */
  readonly date: (iso: string) => string;
}

export function createFormat(words: NumberWords): Format {
  const { locale } = words;
  let dates: Intl.DateTimeFormat | undefined;
  const numbers: Intl.NumberFormat[] = [];
  const fixed = (value: number, digits: number) => {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return (numbers[digits] ??= new Intl.NumberFormat(locale, options)).format(value);
  };
  const whole = (value: number) => fixed(value, 0);

  function threeFigures(value: number): string {
    return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
  }

  function bytes(count: number): string {
    if (count < 1e3) return `${whole(count)} B`;
    if (count < 999.5e3) return `${whole(count / 1e3)} kB`;
    if (count < 999.5e6) return `${whole(count / 1e6)} MB`;
    return `${threeFigures(count / 1e9)} GB`;
  }

  function bytesOf(doneBytes: number, totalBytes: number): string {
    const total = bytes(totalBytes);
    const [, unit = 'B'] = total.split(' ');
    const done = doneBytes / ({ B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1);
    return words.of(fixed(done, unit === 'GB' ? 2 : 0), total);
  }

  function wholeSeconds(durationMs: number): string {
    const seconds = Math.round(durationMs / 1000);
    if (seconds < 60) return words.seconds(whole(seconds));
    if (seconds < 3600) return words.minutes(whole(Math.floor(seconds / 60)), whole(seconds % 60));
    return words.hours(whole(Math.floor(seconds / 3600)), whole(Math.floor((seconds % 3600) / 60)));
  }

  function duration(elapsedMs: number): string {
    if (elapsedMs < 99.5) return words.milliseconds(whole(elapsedMs));
    if (elapsedMs < 9_995) return words.seconds(fixed(elapsedMs / 1000, 2));
    if (elapsedMs < 59_950) return words.seconds(fixed(elapsedMs / 1000, 1));
    return wholeSeconds(elapsedMs);
  }

  return {
    count: (count) => (count === null ? UNKNOWN : whole(count)),
    rate: (perSecond) => (perSecond === null ? UNKNOWN : threeFigures(perSecond)),
    fixed,
    percent: (fraction) => words.percent(whole(Math.floor(fraction * 100))),
    share(fraction) {
      const percent = fraction * 100;
      if (percent > 0 && percent < 0.1) return words.percent(`< ${fixed(0.1, 1)}`);
      return words.percent(fixed(percent, percent >= 99.95 ? 0 : 1));
    },
    bytes: (count) => (count === null ? UNKNOWN : bytes(count)),
    megabytes: (count) => `${whole(Math.ceil(count / 1e6))} MB`,
    bytesOf: (done, total) => (total === null ? bytes(done) : bytesOf(done, total)),
    duration: (elapsedMs) => (elapsedMs === null ? UNKNOWN : duration(elapsedMs)),
    timeLeft: (leftMs) => wholeSeconds(Math.max(1000, leftMs)),
    date(iso) {
      const date = new Date(iso);
      return Number.isNaN(date.valueOf())
        ? UNKNOWN
        : (dates ??= new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })).format(date);
    },
  };
}
