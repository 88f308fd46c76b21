import type { Connectivity } from './download.ts';

/** As the browser sees it, in a worker or a page. */
export const browserConnectivity: Connectivity = {
  isOnline: () => navigator.onLine,
  untilOnline: (signal) =>
    new Promise((resolve) => {
      const end = () => {
        removeEventListener('online', end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      addEventListener('online', end);
      signal.addEventListener('abort', end);
      if (navigator.onLine || signal.aborted) end();
    }),
};
