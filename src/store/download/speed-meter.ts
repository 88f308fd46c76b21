/** How fast bytes come, over the last seconds. */

/** Longer is calmer, shorter tells of a change sooner. */
const WINDOW_MS = 8_000;
/** Below this much of it, a figure would only jump. */
const LEAST_SPAN_MS = 1_000;

export class SpeedMeter {
  readonly #now: () => number;
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];
  #bytes = 0;

  /** @param now milliseconds, never going backwards */
  constructor(now: () => number) {
    this.#now = now;
    this.restart();
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const atMs = this.#now();
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < 50) return; // as many samples as a figure needs
    this.#samples.push({ atMs, bytes: this.#bytes });
    this.#samples = this.#samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
  }

  /** After a pause: what was before says nothing of what comes. */
  restart(): void {
    this.#samples = [{ atMs: this.#now(), bytes: this.#bytes }];
  }

  /** Null while there is less than a second to go by. */
  get bytesPerSecond(): number | null {
    const first = this.#samples[0];
    if (first === undefined) return null;
    const spanMs = this.#now() - first.atMs;
    if (spanMs < LEAST_SPAN_MS) return null;
    return ((this.#bytes - first.bytes) * 1000) / spanMs;
  }

  /** Milliseconds until `leftBytes` will have come; null where nothing comes. */
  leftMs(leftBytes: number): number | null {
    const { bytesPerSecond } = this;
    return bytesPerSecond === null || bytesPerSecond <= 0
      ? null
      : (leftBytes * 1000) / bytesPerSecond;
  }
}
