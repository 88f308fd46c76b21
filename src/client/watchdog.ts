/** A timer this much late was not late: the whole page slept, its workers too. */
const SLEEP_MS = 5_000;

/** Calls `onSilence` once when nothing was heard for `limitMs`, unless it is stopped before. */
export class Watchdog {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.heard();
  }

  /** Begins to count anew. */
  heard(): void {
    this.stop();
    const dueMs = performance.now() + this.#limitMs;
    this.#timer = setTimeout(() => {
      if (performance.now() > dueMs + SLEEP_MS) this.heard();
      else this.#onSilence();
    }, this.#limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
