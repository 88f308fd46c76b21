/** The only place that names the workers, by URL: what they import never comes into the page's own script. */

export function spawnInferenceWorker(): Worker {
  return new Worker(new URL('../../workers/inference.worker.ts', import.meta.url), {
    type: 'module',
    name: 'inference',
  });
}

export function spawnStoreWorker(): Worker {
  return new Worker(new URL('../../workers/store.worker.ts', import.meta.url), {
    type: 'module',
    name: 'store',
  });
}
