const MULTIPLIER = 6364136223846793005n;
/** Stream of the published example, so that the published numbers are also ours. */
const STREAM = 54n;
const MASK_64 = (1n << 64n) - 1n;

/**
 * PCG32 (XSH-RR 64/32): M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", HMC-CS-2014-0905, §6.3; seeded as `pcg32_srandom` of pcg-c-basic 0.9
 * does. Not for secrets. BigInt keeps it short: one draw takes about a microsecond.
 */
export class Prng {
  #state: bigint;
  readonly #increment = (STREAM << 1n) | 1n;

  /** @param seed unsigned 32-bit; the same seed gives the same numbers for ever */
  constructor(seed: number) {
    this.#state = 0n;
    this.nextUint32();
    this.#state = (this.#state + BigInt(seed >>> 0)) & MASK_64;
    this.nextUint32();
  }

  /** 0 … 2³² − 1, each equally likely. */
  nextUint32(): number {
    const old = this.#state;
    this.#state = (old * MULTIPLIER + this.#increment) & MASK_64;
    const shifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn);
    const rotation = Number(old >> 59n);
    return ((shifted >>> rotation) | (shifted << (-rotation & 31))) >>> 0;
  }

  /** 0 ≤ x < 1 in steps of 2⁻⁵³, from two draws. */
  nextFraction(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
}
