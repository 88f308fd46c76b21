import type { DownloadOutcome, DownloadProgress, WantedFile } from '../contract/download.ts';
import { AppError } from '../contract/errors.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import type {
  CatalogEntry,
  ExportKind,
  ExportOutcome,
  LocalSource,
  ModelSource,
  PinnedFile,
  PrepareEvent,
  PrepareOutcome,
  VerifyOutcome,
} from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import type { DownloadClient } from './download-client.ts';
import { asGuideFailure } from './guide-failure.ts';
import type { StoreClient } from './store-client.ts';

/** What is known beforehand of files that lie elsewhere. */
export interface KnownFiles {
  readonly catalog: readonly CatalogEntry[];
  readonly guide: PinnedFile;
}

type OnProgress = (event: PrepareEvent) => void;

/**
 * The store with a way in for what lies elsewhere: the download worker, which may reach hosts of models, brings it
 * into the store; the store worker, which may not, prepares it there. A source that turns out to be damaged is
 * repaired on the way, from where it came.
 */
export class FetchingStore {
  readonly #store: StoreClient;
  readonly #downloads: DownloadClient;
  readonly #known: KnownFiles;

  constructor(store: StoreClient, downloads: DownloadClient, known: KnownFiles) {
    this.#store = store;
    this.#downloads = downloads;
    this.#known = known;
  }

  /** See `StoreApi.list`. */
  list(): Promise<readonly StoredModel[]> {
    return this.#store.list();
  }

  /** See `StoreApi.prepare`. Aborting `signal` ends it with `cancelled`, a download with `PAUSE` for a reason with `paused`. */
  async prepare(
    source: ModelSource,
    target: Target,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    if (isLocal(source)) return this.#prepareHere(source, target, onProgress, signal);
    const download = new Transfer(onProgress);
    const wanted = { ...this.#fileWantedFor(source), target };
    try {
      const outcome = await this.#downloads.download(wanted, download.tell, signal);
      if (outcome.type !== 'stored') return outcome;
      const stored = { type: 'stored', id: outcome.id } as const;
      return download.before(await this.#prepareHere(stored, target, onProgress, signal));
    } catch (error) {
      throw source.type === 'guide' ? asGuideFailure(error) : error;
    }
  }

  /** Brings a file here and makes nothing of it; see `DownloadApi.download`. Aborting `signal` is as for `prepare`. */
  download(
    file: WantedFile,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    return this.#downloads.download(file, new Transfer(onProgress).tell, signal);
  }

  /** See `StoreApi.verify`. */
  verify(id: ModelId, onProgress: OnProgress, signal: AbortSignal): Promise<VerifyOutcome> {
    return this.#store.verify(id, onProgress, signal);
  }

  /** See `StoreApi.export`. */
  export(
    id: ModelId,
    what: ExportKind,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<ExportOutcome> {
    return this.#store.export(id, what, onProgress, signal);
  }

  /**
   * Fetches again what is damaged, from where it came or wherever the catalogue says.
   * @throws AppError `source-damaged` where nobody is known who has the file
   */
  async repair(id: ModelId, onProgress: OnProgress, signal: AbortSignal): Promise<DownloadOutcome> {
    const urls = await this.#addressesOf(id);
    if (urls.length === 0) {
      throw new AppError('source-damaged', 'nobody is known who has it', NOBODY_HAS_IT);
    }
    return this.#downloads.repair(id, urls, new Transfer(onProgress).tell, signal);
  }

  /** See `DownloadApi.unfinished`. */
  unfinished(): ReturnType<DownloadClient['unfinished']> {
    return this.#downloads.unfinished();
  }

  /** See `DownloadApi.discard`. */
  discard(...[key]: Parameters<DownloadClient['discard']>): Promise<void> {
    return this.#downloads.discard(key);
  }

  /** See `DownloadApi.listRepository`. */
  listRepository(repo: string): ReturnType<DownloadClient['listRepository']> {
    return this.#downloads.listRepository(repo);
  }

  /** See `StoreApi.remove`. */
  remove(id: ModelId): Promise<void> {
    return this.#store.remove(id);
  }

  /** See `StoreApi.removeForm`. */
  removeForm(id: ModelId, target: Target): Promise<void> {
    return this.#store.removeForm(id, target);
  }

  async #prepareHere(
    source: LocalSource,
    target: Target,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    try {
      return await this.#store.prepare(source, target, onProgress, signal);
    } catch (error) {
      const isDamaged = error instanceof AppError && error.code === 'source-damaged';
      if (!isDamaged || source.type !== 'stored') throw error;
      const repaired = await this.repair(source.id, onProgress, signal);
      if (repaired.type !== 'stored') return repaired;
      return this.#store.prepare(source, target, onProgress, signal);
    }
  }

  async #addressesOf(id: ModelId): Promise<readonly string[]> {
    const { catalog, guide } = this.#known;
    if (guide.sha256 === id) return [guide.url];
    const entry = catalog.find(({ sha256 }) => sha256 === id);
    if (entry !== undefined) return [entry.url, ...entry.mirrors];
    const model = (await this.#store.list()).find((stored) => stored.id === id);
    const origin = model?.origin;
    return origin !== undefined && 'url' in origin ? [origin.url] : [];
  }

  #fileWantedFor(source: Exclude<ModelSource, LocalSource>): WantedFile {
    switch (source.type) {
      case 'catalog':
        return pinned(source.entry, [source.entry.url, ...source.entry.mirrors], 'host');
      case 'guide':
        return pinned(this.#known.guide, [this.#known.guide.url], 'page');
      case 'served': {
        const { fileName, url } = source;
        const { href } = new URL(url); // a relative one would lead somewhere below the worker's script
        return { of: 'host', title: fileName, fileName, urls: [href], expected: null };
      }
      case 'download':
        return source.file;
      default:
        return unreachable(source);
    }
  }
}

const NOBODY_HAS_IT = { detail: { type: 'no-other-copy' } } as const;

/** A download as the page sees it: one phase of a preparation. */
class Transfer {
  readonly #onProgress: OnProgress;
  readonly #beganMs = performance.now();
  #isHeard = false;

  constructor(onProgress: OnProgress) {
    this.#onProgress = onProgress;
  }

  readonly tell = (transfer: DownloadProgress): void => {
    this.#isHeard = true;
    const { doneBytes, totalBytes } = transfer;
    const elapsedMs = performance.now() - this.#beganMs;
    this.#onProgress({
      type: 'progress',
      phase: 'download',
      doneBytes,
      totalBytes,
      elapsedMs,
      transfer,
    });
  };

  /** The outcome of what follows, with this phase before its own. */
  before(outcome: PrepareOutcome): PrepareOutcome {
    if (outcome.type !== 'ready' || !this.#isHeard) return outcome;
    const elapsedMs =
      performance.now() -
      this.#beganMs -
      outcome.phases.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    return { ...outcome, phases: [{ phase: 'download', elapsedMs }, ...outcome.phases] };
  }
}

function isLocal(source: ModelSource): source is LocalSource {
  return source.type === 'file' || source.type === 'stored';
}

function pinned(
  { title, fileName, totalBytes, sha256 }: PinnedFile,
  urls: readonly string[],
  of: WantedFile['of'],
): WantedFile {
  const expected = { totalBytes, sha256, vouchedBy: 'catalog' } as const;
  return { of, title, fileName, urls, expected };
}
