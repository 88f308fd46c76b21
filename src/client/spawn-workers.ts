import downloadUrl from '../../workers/download.worker.ts?worker&url';
import inferenceUrl from '../../workers/inference.worker.ts?worker&url';
import storeUrl from '../../workers/store.worker.ts?worker&url';
import { scriptUrl } from './script-url.ts';

/** Where the scripts of the workers lie. */
export const WORKER_URLS = { inference: inferenceUrl, store: storeUrl, download: downloadUrl };

/** URLs only: what a worker imports never comes into the page's own script. */
export function spawnInferenceWorker(): Worker {
  return new Worker(scriptUrl(inferenceUrl), { type: 'module', name: 'inference' });
}

export function spawnStoreWorker(): Worker {
  return new Worker(scriptUrl(storeUrl), { type: 'module', name: 'store' });
}

export function spawnDownloadWorker(): Worker {
  return new Worker(scriptUrl(downloadUrl), { type: 'module', name: 'download' });
}
