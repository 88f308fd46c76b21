import * as Comlink from 'comlink';
import { AppError } from '../contract/errors.ts';
import type { ModelId, StoredModel } from '../contract/model.ts';
import type { ModelSource, PrepareEvent, PrepareOutcome, StoreApi } from '../contract/store.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerClient } from './worker-client.ts';

/** How long a cancelled worker may tidy up. One that is ended earlier leaves its scraps to the next `list`. */
const CANCEL_LIMIT_MS = 5_000;

/** The store worker, started when first needed and again after it died. Every call rejects when it dies. */
export class StoreClient {
  readonly #spawn: () => Worker;
  readonly #cancelLimitMs: number;
  #current: WorkerClient<StoreApi> | null = null;

  constructor(spawn: () => Worker, cancelLimitMs = CANCEL_LIMIT_MS) {
    this.#spawn = spawn;
    this.#cancelLimitMs = cancelLimitMs;
  }

  /** See `StoreApi.list`. */
  list(): Promise<readonly StoredModel[]> {
    return this.#worker().ask((api) => api.list());
  }

  /** See `StoreApi.prepare`. Aborting `signal` ends it with the outcome `cancelled`. */
  async prepare(
    source: ModelSource,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    if (signal.aborted) return { type: 'cancelled' };

    const worker = this.#worker();
    const { port1: port, port2: far } = new MessageChannel();
    let deadline: Watchdog | null = null;
    const cancel = () => {
      port.postMessage('cancel');
      deadline = new Watchdog(this.#cancelLimitMs, () => {
        worker.terminate(new AppError('worker-died', 'it did not stop when asked to'));
      });
    };
    const rest = () => deadline?.stop();
    port.onmessage = ({ data }: MessageEvent<PrepareEvent>) => onProgress(data);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await worker.ask(async (api) => api.prepare(source, Comlink.transfer(far, [far])));
    } catch (error) {
      if (signal.aborted && worker.life.aborted) return { type: 'cancelled' };
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      rest();
      port.close();
    }
  }

  /** See `StoreApi.remove`. */
  remove(id: ModelId): Promise<void> {
    return this.#worker().ask((api) => api.remove(id));
  }

  #worker(): WorkerClient<StoreApi> {
    if (this.#current === null || this.#current.life.aborted) {
      this.#current = new WorkerClient<StoreApi>(this.#spawn());
    }
    return this.#current;
  }
}
