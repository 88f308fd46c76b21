/** What arrives on one port, in order, to be awaited one by one. */
export class Inbox<T> {
  readonly #port: MessagePort;
  readonly #life: AbortSignal;
  readonly #arrived: T[] = [];
  #wake = () => {};
  readonly #onDeath = () => this.#wake();

  constructor(port: MessagePort, life: AbortSignal) {
    this.#port = port;
    this.#life = life;
    port.onmessage = ({ data }: MessageEvent<T>) => {
      this.#arrived.push(data);
      this.#wake();
    };
    life.addEventListener('abort', this.#onDeath);
  }

  /** Rejects with the signal's reason once the sender is dead and nothing is left to read. */
  async next(): Promise<T> {
    while (this.#arrived.length === 0) {
      this.#life.throwIfAborted();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#arrived.shift() as T;
  }

  close(): void {
    this.#port.close();
    this.#life.removeEventListener('abort', this.#onDeath);
  }
}
