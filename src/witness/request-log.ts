import { isToldRequests, type RequestRecord } from '../contract/requests.ts';
import { tellRequests } from './tell-requests.ts';

/** Where everything arrives that is told of requests; nothing is forgotten while the page is open. */
export class RequestLog {
  readonly #records: RequestRecord[] = [];
  readonly #listeners = new Set<(records: readonly RequestRecord[]) => void>();

  /** Hears of this page from its first byte on, and of its service worker from now on. */
  watchPage(serviceWorkers: ServiceWorkerContainer | undefined): void {
    tellRequests('page', (records) => this.#add(records));
    serviceWorkers?.addEventListener('message', (event) => this.#hear(event));
    serviceWorkers?.startMessages();
  }

  /** Hears of a worker that was just started; returns it. */
  watchWorker(worker: Worker): Worker {
    worker.addEventListener('message', (event) => this.#hear(event));
    return worker;
  }

  /** Calls `listener` with all that was told before, and with what comes. */
  listen(listener: (records: readonly RequestRecord[]) => void): void {
    this.#listeners.add(listener);
    listener(this.#records);
  }

  #hear({ data }: MessageEvent<unknown>): void {
    if (isToldRequests(data)) this.#add(data.toldRequests);
  }

  #add(records: readonly RequestRecord[]): void {
    this.#records.push(...records);
    for (const listener of this.#listeners) listener(records);
  }
}
