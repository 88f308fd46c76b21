/** From a page to the version of the service worker that waits: take over now. */
export const SKIP_WAITING = 'skip-waiting';
