import * as Comlink from 'comlink';
import type {
  EngineApi,
  GenerateRequest,
  LoadedModel,
  LoadEvent,
  LoadOptions,
} from '../contract/engine.ts';
import { AppError } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { WayOutTried } from '../contract/requests.ts';
import type { Capability } from '../contract/rungs.ts';
import { isEnding, readGeneration } from './token-stream.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerClient } from './worker-client.ts';

export interface Patience {
  /** A worker that owes an event and sends none for so long is ended with `worker-silent`. */
  readonly silenceLimitMs: number;
  /** A worker that sends no ending so long after 'cancel' is ended with `worker-died`. */
  readonly cancelLimitMs: number;
}

/** One engine: one worker, one load. After a failure it is of no more use. */
export class EngineClient {
  readonly #worker: WorkerClient<EngineApi>;
  readonly #patience: Patience;

  constructor(worker: Worker, patience: Patience) {
    this.#worker = new WorkerClient(worker);
    this.#patience = patience;
  }

  /** Rejects with the reason of the worker's death. */
  probe(): Promise<Capability> {
    return this.#worker.ask((api) => api.probe());
  }

  /** See `EngineApi.tryWaysOut`. Rejects with the reason of the worker's death. */
  tryWaysOut(): Promise<readonly WayOutTried[]> {
    return this.#worker.ask((api) => api.tryWaysOut());
  }

  /** Rejects as `EngineApi.load` does, or with the reason of the worker's death. */
  async load(
    folder: string,
    options: LoadOptions,
    onProgress: (event: LoadEvent) => void,
  ): Promise<LoadedModel> {
    const { port1: port, port2: far } = new MessageChannel();
    const silence = this.#watchSilence();
    port.onmessage = ({ data }: MessageEvent<LoadEvent>) => {
      silence.heard();
      onProgress(data);
    };
    try {
      return await this.#worker.ask((api) =>
        api.load(folder, options, Comlink.transfer(far, [far])),
      );
    } finally {
      silence.stop();
      port.close();
    }
  }

  /**
   * One reply: its events, the last of them `end`. Aborting `signal` makes the worker end it with reason
   * `cancelled`. Throws an `AppError` when the request is refused, fails, or the worker dies.
   */
  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent, void, undefined> {
    const { port1: port, port2: far } = new MessageChannel();
    const silence = this.#watchSilence();
    let deadline: Watchdog | null = null;
    const cancel = () => {
      port.postMessage('cancel');
      deadline ??= new Watchdog(this.#patience.cancelLimitMs, () => {
        this.terminate(new AppError('worker-died', 'no ending came after the request to stop'));
      });
    };
    const rest = () => {
      silence.stop();
      deadline?.stop();
    };
    // Watches what arrives, not what is read: a slow reader is not a silent worker.
    port.addEventListener('message', ({ data }: MessageEvent<GenerationEvent>) => {
      if (isEnding(data)) rest();
      else silence.heard();
    });
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      await this.#worker.ask((api) => api.generate(request, Comlink.transfer(far, [far])));
      yield* readGeneration(port, this.#worker.life, cancel);
    } finally {
      signal.removeEventListener('abort', cancel);
      rest();
      port.close();
    }
  }

  terminate(reason: AppError): void {
    this.#worker.terminate(reason);
  }

  #watchSilence(): Watchdog {
    const { silenceLimitMs } = this.#patience;
    return new Watchdog(silenceLimitMs, () => {
      this.terminate(new AppError('worker-silent', `no event for ${silenceLimitMs} ms`));
    });
  }
}
