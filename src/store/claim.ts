/**
 * The sole right to write in the store. Every tab has a store worker of its own over the same files; what one of
 * them is writing must not look like a leftover to another.
 */

/** Waits up to `waitMs` for the right; resolves to the function that gives it back, or to null when somebody keeps it. */
export type Claim = (waitMs: number) => Promise<(() => void) | null>;

/** Among all that share one claim: for Node and tests. */
export function claimInProcess(): Claim {
  const now: { holder: Promise<void> | null } = { holder: null };
  return async (waitMs) => {
    const deadline = performance.now() + waitMs;
    while (now.holder !== null) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !(await endsWithin(now.holder, leftMs))) return null;
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
  return (waitMs) =>
    new Promise((resolve, reject) => {
      const options: LockOptions =
        waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
      const keep = (lock: Lock | null) =>
        lock === null ? resolve(null) : new Promise<void>((release) => resolve(release));
      locks.request(name, options, keep).catch((error: unknown) => {
        if (error instanceof DOMException && error.name === 'TimeoutError') resolve(null);
        else reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
}

async function endsWithin(wait: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  try {
    return await Promise.race([wait.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
