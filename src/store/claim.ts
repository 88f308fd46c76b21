/**
 * The sole right to write in the store. Every tab has a store worker of its own over the same files; what one of
 * them is writing must not look like a leftover to another.
 */
import { pause } from '../lib/pause.ts';

/**
 * Waits up to `waitMs` for the right (`Infinity`: as long as it takes), or until `signal` is aborted. Resolves to the
 * function that gives it back, or to null when somebody keeps it.
 */
export type Claim = (waitMs: number, signal?: AbortSignal) => Promise<(() => void) | null>;

/** Among all that share one claim: for Node and tests. */
export function claimInProcess(): Claim {
  const now: { holder: Promise<void> | null } = { holder: null };
  return async (waitMs, signal) => {
    const deadline = performance.now() + waitMs;
    while (now.holder !== null) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !(await endsWithin(now.holder, leftMs, signal))) return null;
    }
    return new Promise((grant) => {
      now.holder = new Promise((end) => {
        grant(() => {
          now.holder = null;
          end();
        });
      });
    });
  };
}

/** Among all tabs and workers of this origin. The browser takes it back from a worker that dies. */
export function claimAcrossTabs(locks: LockManager, name: string): Claim {
  return (waitMs, signal) =>
    new Promise((resolve, reject) => {
      const ends = [
        ...(waitMs === Infinity ? [] : [AbortSignal.timeout(waitMs)]),
        ...(signal === undefined ? [] : [signal]),
      ];
      const options: LockOptions =
        waitMs > 0 ? { signal: AbortSignal.any(ends) } : { ifAvailable: true };
      const keep = (lock: Lock | null) =>
        lock === null ? resolve(null) : new Promise<void>((release) => resolve(release));
      locks.request(name, options, keep).catch((error: unknown) => {
        if (ends.some(({ aborted }) => aborted)) resolve(null);
        else reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
}

async function endsWithin(
  wait: Promise<void>,
  ms: number,
  signal = new AbortController().signal,
): Promise<boolean> {
  const ended = new AbortController();
  const late = pause(Math.min(ms, LONGEST_TIMER_MS), AbortSignal.any([signal, ended.signal]));
  try {
    return await Promise.race([wait.then(() => true), late.then(() => false)]);
  } finally {
    ended.abort();
  }
}

/** What a timer can count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
