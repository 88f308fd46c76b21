import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../src/contract/comlink-errors.ts';

keepErrorsWhole();

/**
 * A `Worker` whose other side runs in this thread: messages are cloned and transferred as by a real one. Faults are
 * had by calling `crash` and `garble`.
 */
export class FakeWorker extends EventTarget implements Worker {
  onmessage = null;
  onmessageerror = null;
  onerror = null;
  isTerminated = false;
  readonly #near: MessagePort;
  readonly #far: MessagePort;

  /** @param api what the worker exposes */
  constructor(api: object) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#near = port1;
    this.#far = port2;
    port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }));
    Comlink.expose(api, port2);
  }

  postMessage(message: unknown, transfer?: Transferable[] | StructuredSerializeOptions): void {
    if (!this.isTerminated) this.#near.postMessage(message, transfer as Transferable[]);
  }

  terminate(): void {
    this.isTerminated = true;
    this.#near.close();
    this.#far.close();
  }

  /** An error that nobody caught; without `message`, a script that did not load. */
  crash(message?: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), message === undefined ? {} : { message }));
  }

  /** A message that could not be deserialised. */
  garble(): void {
    this.dispatchEvent(new MessageEvent('messageerror'));
  }
}
