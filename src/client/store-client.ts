import * as Comlink from 'comlink';
import { AppError } from '../contract/errors.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import type {
  ExportKind,
  ExportOutcome,
  LocalSource,
  PrepareEvent,
  PrepareOutcome,
  StoreApi,
  VerifyOutcome,
} from '../contract/store.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerClient } from './worker-client.ts';

export interface StorePatience {
  /**
   * A preparation that tells of no progress for so long is ended with `worker-silent`. A silent host is given up
   * earlier, by the store itself; all other work tells of every few megabytes.
   */
  readonly silenceLimitMs: number;
  /** How long a cancelled worker may tidy up. One that is ended earlier leaves its scraps to the next `list`. */
  readonly cancelLimitMs: number;
}

const PATIENCE: StorePatience = { silenceLimitMs: 60_000, cancelLimitMs: 5_000 };

interface Cancelled {
  readonly type: 'cancelled';
}
const CANCELLED: Cancelled = { type: 'cancelled' };

/**
 * The store worker, started when first needed and again after it ended. Every call rejects when it dies. After a
 * preparation it is ended: the memory that compiling took is only given back with it.
 */
export class StoreClient {
  readonly #spawn: () => Worker;
  readonly #patience: StorePatience;
  #current: WorkerClient<StoreApi> | null = null;
  /** Questions that have no answer yet. */
  #waiting = 0;

  constructor(spawn: () => Worker, patience: Partial<StorePatience> = {}) {
    this.#spawn = spawn;
    this.#patience = { ...PATIENCE, ...patience };
  }

  /** See `StoreApi.list`. */
  list(): Promise<readonly StoredModel[]> {
    return this.#ask(this.#worker(), (api) => api.list());
  }

  /** See `StoreApi.prepare`. Aborting `signal` ends it with the outcome `cancelled`. */
  async prepare(
    source: LocalSource,
    target: Target,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    const worker = this.#worker();
    try {
      return await this.#watch(
        worker,
        async (api, events) => api.prepare(source, target, events),
        onProgress,
        signal,
      );
    } finally {
      if (this.#waiting === 0) worker.terminate(new AppError('worker-died', 'its work was done'));
    }
  }

  /** See `StoreApi.verify`. Aborting `signal` ends it with the outcome `cancelled`. */
  verify(
    id: ModelId,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<VerifyOutcome> {
    return this.#watch(
      this.#worker(),
      async (api, events) => api.verify(id, events),
      onProgress,
      signal,
    );
  }

  /** See `StoreApi.export`. Aborting `signal` ends it with the outcome `cancelled`. */
  export(
    id: ModelId,
    what: ExportKind,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<ExportOutcome> {
    return this.#watch(
      this.#worker(),
      async (api, events) => api.export(id, what, events),
      onProgress,
      signal,
    );
  }

  /** Long work that tells of itself: ended when it falls silent, or when it does not stop after it was asked to. */
  async #watch<T>(
    worker: WorkerClient<StoreApi>,
    work: (api: Comlink.Remote<StoreApi>, events: MessagePort) => Promise<T>,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<T | Cancelled> {
    if (signal.aborted) return CANCELLED;

    const { port1: port, port2: far } = new MessageChannel();
    const { silenceLimitMs, cancelLimitMs } = this.#patience;
    const silence = new Watchdog(silenceLimitMs, () => worker.terminate(stuck(silenceLimitMs)));
    let deadline: Watchdog | null = null;
    const cancel = () => {
      port.postMessage('cancel');
      deadline = new Watchdog(cancelLimitMs, () => {
        worker.terminate(new AppError('worker-died', 'it did not stop when asked to'));
      });
    };
    const rest = () => {
      signal.removeEventListener('abort', cancel);
      silence.stop();
      deadline?.stop();
      port.close();
    };
    port.onmessage = ({ data }: MessageEvent<PrepareEvent>) => {
      silence.heard();
      onProgress(data);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#ask(worker, async (api) => work(api, Comlink.transfer(far, [far])));
    } catch (error) {
      if (signal.aborted && worker.life.aborted) return CANCELLED;
      throw error;
    } finally {
      rest();
    }
  }

  /** See `StoreApi.remove`. */
  remove(id: ModelId): Promise<void> {
    return this.#ask(this.#worker(), (api) => api.remove(id));
  }

  /** See `StoreApi.removeForm`. */
  removeForm(id: ModelId, target: Target): Promise<void> {
    return this.#ask(this.#worker(), (api) => api.removeForm(id, target));
  }

  async #ask<T>(
    worker: WorkerClient<StoreApi>,
    question: (api: Comlink.Remote<StoreApi>) => Promise<T>,
  ): Promise<T> {
    this.#waiting++;
    try {
      return await worker.ask(question);
    } finally {
      this.#waiting--;
    }
  }

  #worker(): WorkerClient<StoreApi> {
    if (this.#current === null || this.#current.life.aborted) {
      this.#current = new WorkerClient<StoreApi>(this.#spawn());
    }
    return this.#current;
  }
}

function stuck(silenceLimitMs: number): AppError {
  return new AppError('worker-silent', `no progress for ${silenceLimitMs} ms`, {
    detail: { type: 'no-progress' },
  });
}
