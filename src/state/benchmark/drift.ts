import type { DriftPoint } from './result.ts';

const STRETCH_MS = 10_000;

/** Time between two tokens of one reply. */
export interface Interval {
  /** When it ended, since the first one began. */
  readonly endedAtMs: number;
  readonly elapsedMs: number;
}

/**
 * Decoding speed over stretches of ten seconds: tokens divided by the time between them, so that what lies between two replies (the prompt
 * of the next one) does not count. An interval belongs to the stretch in which it ended; a stretch without one is left out.
 */
export function driftOf(intervals: readonly Interval[]): readonly DriftPoint[] {
  const stretches = new Map<number, { tokens: number; elapsedMs: number }>();
  for (const { endedAtMs, elapsedMs } of intervals) {
    const at = Math.floor(endedAtMs / STRETCH_MS);
    const stretch = stretches.get(at) ?? { tokens: 0, elapsedMs: 0 };
    stretch.tokens++;
    stretch.elapsedMs += elapsedMs;
    stretches.set(at, stretch);
  }
  return [...stretches]
    .filter(([, { elapsedMs }]) => elapsedMs > 0)
    .map(([at, { tokens, elapsedMs }]) => ({
      atMs: (at + 1) * STRETCH_MS,
      perSecond: (tokens * 1000) / elapsedMs,
    }));
}

/** Speed at the end as a share of the speed at the beginning: 0.8 when a fifth was lost. Null without two stretches. */
export function shareKept(drift: readonly DriftPoint[]): number | null {
  const [first] = drift;
  const last = drift.at(-1);
  return first === undefined || last === undefined || last === first
    ? null
    : last.perSecond / first.perSecond;
}
