import type { Presence } from './dependencies.ts';

/** The parts of a document, a window and `navigator.locks` that are needed; no more, so that tests can be them. */
interface Seen {
  readonly visibilityState: 'visible' | 'hidden';
  addEventListener(type: 'visibilitychange', listener: () => void): void;
}
interface Shown {
  addEventListener(type: 'pagehide' | 'pageshow', listener: () => void): void;
}
interface Locks {
  request(name: string, hold: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

/**
 * Each page holds a lock of its name for as long as it lives: the browser takes it back from one that crashed.
 * @param locks undefined where there are none: then every other page counts as gone
 */
export function browserPresence(
  id: string,
  document: Seen,
  window: Shown,
  locks: Locks | undefined,
): Presence {
  const lockOf = (page: string) => `offgrid.page.${page}`;
  locks?.request(lockOf(id), () => new Promise(() => {})).catch(() => {});
  return {
    id,
    async isOpen(page) {
      if (locks === undefined) return false;
      const { held = [] } = await locks.query();
      return held.some(({ name }) => name === lockOf(page));
    },
    watch(change) {
      const look = () => change(document.visibilityState === 'visible');
      document.addEventListener('visibilitychange', look);
      window.addEventListener('pageshow', look);
      window.addEventListener('pagehide', () => change(false));
    },
  };
}
