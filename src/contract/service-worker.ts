/** What a page may ask of the service worker that keeps it. */

/** To the version that waits: take over now. */
export const SKIP_WAITING = 'skip-waiting';

/**
 * With a port: fetch what is missing of the page's own files, and say on the port how all of them are, as
 * `readonly KeptFile[]`, each read and compared with its hash.
 */
export const KEEP = 'keep';

/** How the page lies on this device. */
export interface PageCopy {
  /** The service worker answers for this very page, so a reload needs no network. */
  readonly isControlled: boolean;
  readonly files: readonly KeptFile[];
}

/** A file of the page as it lies on this device. */
export interface KeptFile {
  /** From the folder of the page. */
  readonly path: string;
  /** Null for what is not here. */
  readonly totalBytes: number | null;
  /** `kept`: here, with the very bytes that this version of the page was built with. */
  readonly state: 'kept' | 'missing' | 'damaged';
  /** The runtime's builds that use a GPU are kept when they are first used. */
  readonly isNeeded: 'always' | 'on-gpu';
}
