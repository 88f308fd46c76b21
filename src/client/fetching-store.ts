import type { WantedFile } from '../contract/download.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import type { ModelSource, PrepareEvent, PrepareOutcome } from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import type { DownloadClient } from './download-client.ts';
import type { StoreClient } from './store-client.ts';

/**
 * The store with a way in for what lies elsewhere: the download worker, which may reach hosts of models, brings it
 * into the store; the store worker, which may not, prepares it there.
 */
export class FetchingStore {
  readonly #store: StoreClient;
  readonly #downloads: DownloadClient;

  constructor(store: StoreClient, downloads: DownloadClient) {
    this.#store = store;
    this.#downloads = downloads;
  }

  /** See `StoreApi.list`. */
  list(): Promise<readonly StoredModel[]> {
    return this.#store.list();
  }

  /** See `StoreApi.prepare`. Aborting `signal` ends it with `cancelled`, a download with `PAUSE` for a reason with `paused`. */
  async prepare(
    source: ModelSource,
    target: Target,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    const wanted = fileWantedFor(source);
    if (wanted === null) return this.#store.prepare(source, target, onProgress, signal);

    const beganMs = performance.now();
    const sinceThen = () => performance.now() - beganMs;
    let isFetched = false;
    const outcome = await this.#downloads.download(
      wanted,
      (transfer) => {
        isFetched = true;
        const { doneBytes, totalBytes } = transfer;
        const elapsedMs = sinceThen();
        onProgress({
          type: 'progress',
          phase: 'download',
          doneBytes,
          totalBytes,
          elapsedMs,
          transfer,
        });
      },
      signal,
    );
    if (outcome.type !== 'stored') return outcome;

    const download = { phase: 'download', elapsedMs: sinceThen() } as const;
    const stored = { type: 'stored', id: outcome.id } as const;
    const prepared = await this.#store.prepare(stored, target, onProgress, signal);
    if (prepared.type !== 'ready' || !isFetched) return prepared;
    return { ...prepared, phases: [download, ...prepared.phases] };
  }

  /** See `StoreApi.remove`. */
  remove(id: ModelId): Promise<void> {
    return this.#store.remove(id);
  }

  /** See `StoreApi.removeForm`. */
  removeForm(id: ModelId, target: Target): Promise<void> {
    return this.#store.removeForm(id, target);
  }
}

/** Null for what is on this device already, and for the guide: a file of this page, which the store worker may ask for. */
function fileWantedFor(source: ModelSource): WantedFile | null {
  switch (source.type) {
    case 'catalog': {
      const { title, fileName, url, totalBytes, sha256 } = source.entry;
      const expected = { totalBytes, sha256, vouchedBy: 'catalog' } as const;
      return { title, fileName, urls: [url], expected };
    }
    case 'served': {
      const { fileName, url } = source;
      return { title: fileName, fileName, urls: [new URL(url).href], expected: null };
    }
    case 'guide':
    case 'file':
    case 'stored':
      return null;
    default:
      return unreachable(source);
  }
}
