import type { EngineName } from './protocol.ts';

export interface Turn {
  /** From 1. */
  readonly round: number;
  readonly engine: EngineName;
}

/**
 * Every engine once in each round, in the same order: A B A B …. A machine that slows down or speeds up over
 * the minutes then does so to all of them alike.
 */
export function interleave(engines: readonly EngineName[], rounds: number): readonly Turn[] {
  return Array.from({ length: rounds }, (_, index) =>
    engines.map((engine) => ({ round: index + 1, engine })),
  ).flat();
}
