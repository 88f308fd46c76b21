import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../contract/comlink-errors.ts';
import { AppError } from '../contract/errors.ts';

keepErrorsWhole();

/** The only handle to one worker. A broken worker is replaced, never repaired. */
export class WorkerClient<Api> {
  readonly #worker: Worker;
  readonly #api: Comlink.Remote<Api>;
  readonly #life = new AbortController();

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#api = Comlink.wrap<Api>(worker);
    worker.addEventListener('error', (event) => this.terminate(died(event)));
    worker.addEventListener('messageerror', () => {
      this.terminate(new AppError('worker-died', 'a message of the worker could not be read'));
    });
  }

  /** Aborted once the worker is dead; the reason is an `AppError`. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  /** Comlink promises never settle once their worker is gone. These reject with the reason of its death. */
  ask<T>(question: (api: Comlink.Remote<Api>) => Promise<T>): Promise<T> {
    const { life } = this;
    return new Promise<T>((resolve, reject) => {
      const onDeath = () => reject(life.reason as AppError);
      if (life.aborted) return onDeath();
      life.addEventListener('abort', onDeath, { once: true });
      void question(this.#api)
        .then(resolve, reject)
        .finally(() => life.removeEventListener('abort', onDeath));
    });
  }

  /** Ends the worker and, with `reason`, everything that waits for it. A dead one stays as it is. */
  terminate(reason: AppError): void {
    this.#worker.terminate();
    this.#life.abort(reason);
  }
}

/** A script that did not load or run sends a plain `Event`; a throw inside the worker an `ErrorEvent`. */
function died(event: Partial<ErrorEvent>): AppError {
  const { message, filename, lineno } = event;
  const what =
    message === undefined
      ? 'its script did not load'
      : `${message} (${filename?.split('/').at(-1) ?? '?'}:${lineno ?? '?'})`;
  return new AppError('worker-died', what, { cause: event.error });
}
