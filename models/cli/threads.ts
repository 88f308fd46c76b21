import { availableParallelism } from 'node:os';

/** As the page chooses: more than four threads gain nothing on ORT's CPU build and starve the rest. */
export function cpuThreads(): number {
  return Math.max(1, Math.min(4, availableParallelism()));
}
