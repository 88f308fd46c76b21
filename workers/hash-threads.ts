/** Workers as threads of the download worker. */
import { hashOnThreads } from '../src/store/download/hash-threads.ts';
import { hashHere, type Hashing } from '../src/store/download/hashing.ts';

/** Below it a file is here before threads for it are. */
const WORTH_THREADS_BYTES = 16 << 20;

/** @param totalBytes of the file that comes; null while unknown */
export function startHashing(totalBytes: number | null): Hashing {
  return totalBytes !== null && totalBytes < WORTH_THREADS_BYTES
    ? hashHere
    : hashOnThreads(startThread);
}

function startThread() {
  const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), {
    type: 'module',
    name: 'hash',
  });
  return Object.assign(worker, {
    onDeath(listener: (cause: unknown) => void) {
      worker.addEventListener('messageerror', () => listener(new Error('a reply is unreadable')));
      worker.addEventListener('error', (event) => {
        event.preventDefault(); // whoever waits is told; the page would take it for the download worker's death
        listener(event.error ?? new Error(event.message || 'its script did not load'));
      });
    },
  });
}
