/**
 * How many ranges to fetch at the same time: one more as long as that is faster. A host that gives each connection
 * its share is read faster by several; a line that one connection fills is not, and neither is this machine.
 *
 * Measured 2026-11-22, Chromium 156, 491 MB from a server on the same machine: two ranges 0.8–1.3 times the speed of
 * one, four 0.8–1.4 (two runs each, busy machine): nothing to be had, hence `FAST_ENOUGH`.
 */

const MOST = 4;

/** Above it hashing and writing are what takes the time. Bytes per second. */
const FAST_ENOUGH = 40e6;

/** One step is measured over this long, after it had this long to come up to speed. */
const MEASURE_MS = 2_000;
const SETTLE_MS = 1_000;

/** A further connection has to bring this much to be kept. */
const LEAST_GAIN = 1.15;

export class Widening {
  readonly #now: () => number;
  #width = 1;
  #isSettled = false;
  /** Speed with one connection less; 0 before the first was measured. */
  #before = 0;
  #sinceMs: number;
  #bytes = 0;

  /** @param now milliseconds, never going backwards */
  constructor(now: () => number) {
    this.#now = now;
    this.#sinceMs = now() + SETTLE_MS;
  }

  /** Connections to have now. */
  get width(): number {
    return this.#width;
  }

  /** Bytes came, over all connections. */
  add(bytes: number): void {
    if (this.#isSettled) return;
    const now = this.#now();
    if (now < this.#sinceMs) return;
    this.#bytes += bytes;
    const spanMs = now - this.#sinceMs;
    if (spanMs < MEASURE_MS) return;
    this.#decide((this.#bytes * 1000) / spanMs);
    this.#bytes = 0;
    this.#sinceMs = now + SETTLE_MS;
  }

  /** A host asked for patience, or something broke: one connection, and no more trying. */
  narrow(): void {
    this.#width = 1;
    this.#isSettled = true;
  }

  #decide(bytesPerSecond: number): void {
    if (this.#width > 1 && bytesPerSecond < this.#before * LEAST_GAIN) {
      this.#width--;
      this.#isSettled = true;
    } else if (bytesPerSecond >= FAST_ENOUGH || this.#width === MOST) {
      this.#isSettled = true;
    } else {
      this.#before = bytesPerSecond;
      this.#width++;
    }
  }
}
