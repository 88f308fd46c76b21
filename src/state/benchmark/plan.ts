import type { Kind } from './result.ts';

export type Extent = 'quick' | 'full';

/** One request of fixed length, and what is read off it. */
export interface Trial {
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly reads: readonly Kind[];
}

/**
 * Decoding is measured after a prompt of 128 tokens whatever the length of the reply, so that the replies differ in nothing else. Longer
 * prompts are followed by one token: their prefill is what counts.
 */
const TRIALS: Readonly<Record<Extent, readonly Trial[]>> = {
  quick: [{ promptTokens: 128, newTokens: 64, reads: ['prefill', 'decode'] }],
  full: [
    { promptTokens: 128, newTokens: 64, reads: ['prefill', 'decode'] },
    { promptTokens: 128, newTokens: 256, reads: ['decode'] },
    { promptTokens: 512, newTokens: 1, reads: ['prefill'] },
    { promptTokens: 2048, newTokens: 1, reads: ['prefill'] },
  ],
};

/** A quick run begins no new round after this: it is to be over within a minute on a slow phone. */
const QUICK_ENOUGH_MS = 25_000;

export const MOST_ROUNDS = 20;
export const DRIFT_MS = 180_000;

export interface Plan {
  readonly trials: readonly Trial[];
  /** Trials that the context cannot hold. */
  readonly leftOut: readonly Trial[];
  readonly rounds: number;
  /** No round begins after this much time. */
  readonly enoughMs: number;
  readonly hasDrift: boolean;
}

export interface Wish {
  readonly extent: Extent;
  readonly rounds: number;
  readonly hasDrift: boolean;
}

/** @param contextTokens that the model is loaded with: prompt plus reply */
export function planFor({ extent, rounds, hasDrift }: Wish, contextTokens: number): Plan {
  const fits = ({ promptTokens, newTokens }: Trial) => promptTokens + newTokens <= contextTokens;
  const trials = TRIALS[extent];
  return {
    trials: trials.filter(fits),
    leftOut: trials.filter((trial) => !fits(trial)),
    rounds,
    enoughMs: extent === 'quick' ? QUICK_ENOUGH_MS : Number.POSITIVE_INFINITY,
    hasDrift,
  };
}

/** The lengths that are left out, as they are named: of prompts that were to be read, of replies that were to be written. */
export function lengthsLeftOut({ leftOut }: Plan): readonly { kind: Kind; tokens: number }[] {
  return leftOut.flatMap(({ reads, promptTokens, newTokens }) =>
    reads.map((kind) => ({ kind, tokens: kind === 'prefill' ? promptTokens : newTokens })),
  );
}
