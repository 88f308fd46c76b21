import type { Clock, Notes, Room } from './dependencies.ts';

/** The browser as the state wants it: each absence is a value, nothing here throws. */

export const browserClock: Clock = {
  nowMs: () => performance.now(),
  date: () => new Date().toISOString(),
  every(intervalMs, tick) {
    const timer = setInterval(tick, intervalMs);
    return () => clearInterval(timer);
  },
};

interface StringStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** @param open gives the storage; with cookies blocked even naming it throws */
export function browserNotes(open: () => StringStorage): Notes {
  return {
    read(key) {
      try {
        return open().getItem(key);
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        if (value === null) open().removeItem(key);
        else open().setItem(key, value);
      } catch {
        // Full or forbidden: the page works, and remembers nothing.
      }
    },
  };
}

/** The part of `StorageManager` that tells of room; all of it is missing where a page is not served securely. */
interface StorageKeeper {
  persisted?(): Promise<boolean>;
  persist?(): Promise<boolean>;
  estimate?(): Promise<{ readonly usage?: number; readonly quota?: number }>;
}

/** @see https://storage.spec.whatwg.org/#storagemanager */
export function browserRoom(storage: StorageKeeper | undefined): Room {
  return {
    async look() {
      const [isKept, estimate] = await Promise.all([
        orNull(() => storage?.persisted?.()),
        orNull(() => storage?.estimate?.()),
      ]);
      const usedBytes = estimate?.usage ?? null;
      const quotaBytes = estimate?.quota ?? null;
      const isKnown = usedBytes !== null && quotaBytes !== null;
      return {
        isKept,
        usedBytes,
        leftBytes: isKnown ? Math.max(0, quotaBytes - usedBytes) : null,
      };
    },
    askToKeep: async () => (await orNull(() => storage?.persist?.())) ?? false,
  };
}

async function orNull<T>(ask: () => Promise<T> | undefined): Promise<T | null> {
  try {
    return (await ask()) ?? null;
  } catch {
    return null; // storage is forbidden, as in some private windows
  }
}

/**
 * Rounded and capped by the browser; a gigabyte is taken as 10⁹ bytes, the smaller of the two.
 * @see https://www.w3.org/TR/device-memory/
 */
export function deviceMemoryBytes(navigator: object): number | null {
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  return deviceMemory === undefined ? null : deviceMemory * 1e9;
}

interface MemoryMeasurer {
  measureUserAgentSpecificMemory?(): Promise<{ readonly bytes: number }>;
}

/**
 * Bytes of this page and its workers, as the browser counts them; null where it does not.
 * @see https://wicg.github.io/performance-measure-memory/
 */
export async function measurePageMemory(performance: object): Promise<number | null> {
  try {
    const measured = await (performance as MemoryMeasurer).measureUserAgentSpecificMemory?.();
    return measured?.bytes ?? null;
  } catch {
    return null; // not cross-origin isolated
  }
}
