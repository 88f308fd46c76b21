import * as Comlink from 'comlink';
import type {
  DownloadApi,
  DownloadKey,
  DownloadOutcome,
  DownloadProgress,
  RepositoryFile,
  UnfinishedDownload,
  WantedFile,
} from '../contract/download.ts';
import { AppError } from '../contract/errors.ts';
import type { ModelId } from '../contract/model.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerClient } from './worker-client.ts';

export interface DownloadPatience {
  /** A download tells of itself twice a second, also while it waits; one that does not for so long is ended with `worker-silent`. */
  readonly silenceLimitMs: number;
  /** How long a stopped worker may tidy up. What it wrote is there for the next one either way. */
  readonly stopLimitMs: number;
}

const PATIENCE: DownloadPatience = { silenceLimitMs: 60_000, stopLimitMs: 10_000 };

/** `abort` with it pauses a download; with anything else, or nothing, cancels it. */
export const PAUSE = 'pause';

/** The download worker, started when first needed and again after it died. Every call rejects when it dies. */
export class DownloadClient {
  readonly #spawn: () => Worker;
  readonly #patience: DownloadPatience;
  #current: WorkerClient<DownloadApi> | null = null;

  constructor(spawn: () => Worker, patience: Partial<DownloadPatience> = {}) {
    this.#spawn = spawn;
    this.#patience = { ...PATIENCE, ...patience };
  }

  /** See `DownloadApi.download`. Aborting `signal` ends it, with `PAUSE` for a reason as a pause. */
  download(
    file: WantedFile,
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    return this.#watch((api, events) => api.download(file, events), onProgress, signal);
  }

  /** See `DownloadApi.repair`. Aborting `signal` ends it. */
  repair(
    id: ModelId,
    urls: readonly string[],
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    return this.#watch((api, events) => api.repair(id, urls, events), onProgress, signal);
  }

  /** See `DownloadApi.unfinished`. */
  unfinished(): Promise<readonly UnfinishedDownload[]> {
    return this.#worker().ask((api) => api.unfinished());
  }

  /** See `DownloadApi.discard`. */
  discard(key: DownloadKey): Promise<void> {
    return this.#worker().ask((api) => api.discard(key));
  }

  /** See `DownloadApi.listRepository`. */
  listRepository(repo: string): Promise<readonly RepositoryFile[]> {
    return this.#worker().ask((api) => api.listRepository(repo));
  }

  async #watch(
    work: (api: Comlink.Remote<DownloadApi>, events: MessagePort) => Promise<DownloadOutcome>,
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    const stopped = (): DownloadOutcome => ({
      type: signal.reason === PAUSE ? 'paused' : 'cancelled',
    });
    if (signal.aborted) return stopped();

    const worker = this.#worker();
    const { port1: port, port2: far } = new MessageChannel();
    const { silenceLimitMs, stopLimitMs } = this.#patience;
    const silence = new Watchdog(silenceLimitMs, () => {
      worker.terminate(new AppError('worker-silent', `no progress for ${silenceLimitMs} ms`));
    });
    let deadline: Watchdog | null = null;
    const stop = () => {
      port.postMessage(signal.reason === PAUSE ? 'pause' : 'cancel');
      deadline = new Watchdog(stopLimitMs, () => {
        worker.terminate(new AppError('worker-died', 'it did not stop when asked to'));
      });
    };
    const rest = () => {
      signal.removeEventListener('abort', stop);
      silence.stop();
      deadline?.stop();
      port.close();
    };
    port.onmessage = ({ data }: MessageEvent<DownloadProgress>) => {
      silence.heard();
      onProgress(data);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await worker.ask(async (api) => work(api, Comlink.transfer(far, [far])));
    } catch (error) {
      if (signal.aborted && worker.life.aborted) return stopped();
      throw error;
    } finally {
      rest();
    }
  }

  #worker(): WorkerClient<DownloadApi> {
    if (this.#current === null || this.#current.life.aborted) {
      this.#current = new WorkerClient<DownloadApi>(this.#spawn());
    }
    return this.#current;
  }
}
