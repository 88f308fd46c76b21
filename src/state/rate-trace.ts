/** One reading of the gauge. */
export interface RateSample {
  /** Milliseconds on the clock of the page. */
  readonly atMs: number;
  /** Tokens per second; null where there was nothing to measure. */
  readonly perSecond: number | null;
}

/** The last readings of the gauge, oldest dropped first: a ring, so that a long answer costs no more than a short one. */
export class RateTrace {
  readonly #atMs: Float64Array;
  readonly #perSecond: Float64Array;
  #next = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#atMs = new Float64Array(capacity);
    this.#perSecond = new Float64Array(capacity);
  }

  push({ atMs, perSecond }: RateSample): void {
    this.#atMs[this.#next] = atMs;
    this.#perSecond[this.#next] = perSecond ?? Number.NaN;
    this.#next = (this.#next + 1) % this.#atMs.length;
    this.#count = Math.min(this.#count + 1, this.#atMs.length);
  }

  /** Oldest first, those not older than `sinceMs`. */
  *since(sinceMs: number): Generator<RateSample> {
    const capacity = this.#atMs.length;
    for (let age = this.#count; age > 0; age--) {
      const index = (this.#next - age + capacity) % capacity;
      const atMs = this.#atMs[index] ?? 0;
      const perSecond = this.#perSecond[index] ?? Number.NaN;
      if (atMs >= sinceMs) yield { atMs, perSecond: Number.isNaN(perSecond) ? null : perSecond };
    }
  }

  /** When the newest reading was taken; null before the first. */
  get lastAtMs(): number | null {
    if (this.#count === 0) return null;
    return this.#atMs[(this.#next - 1 + this.#atMs.length) % this.#atMs.length] ?? null;
  }
}
