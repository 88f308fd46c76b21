/** Random numbers by the million: xorshift32 (G. Marsaglia, "Xorshift RNGs", 2003), much faster than src/lib/prng.ts. */
export class RandomFloats {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** 0 ≤ x < 1. */
  fraction(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  /** 0 ≤ n < end. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** float32, with mean 0 and standard deviation `size`; nearly normal, for each is the sum of four. */
  floats(length: number, size = 1): Float32Array {
    const factor = size * Math.sqrt(3);
    return Float32Array.from({ length }, () => {
      const sum = this.fraction() + this.fraction() + this.fraction() + this.fraction();
      return (sum - 2) * factor;
    });
  }
}
