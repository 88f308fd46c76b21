/** Which form of the kernels and how many threads are fastest on this device: found by trying, in some 0.1 s. */
import { FORM_HALVES, FORM_WORDS, type KernelExports } from './kernel-exports.ts';

const REPEATS = 3;

export interface Tunable {
  /** How many there are. */
  readonly threads: number;
  /** All of them are to be used. */
  readonly keepsThreads: boolean;
  readonly kernels: Pick<KernelExports, 'isRelaxed' | 'setForm'>;
  readonly model: number;
  shareStepsAmong(threads: number): void;
  /** A short piece of the work. */
  runSample(): void;
  /** A clock in milliseconds. */
  now(): number;
}

export interface Tuning {
  readonly form: 'words' | 'halves';
  readonly threads: number;
}

/**
 * The form depends on the processor's instructions. Threads: more are slower where cores are slow, shared or taken by
 * something else, since a step is as slow as its slowest thread. What is chosen is in use afterwards.
 */
export function tune(on: Tunable): Tuning {
  const { kernels, model } = on;
  on.shareStepsAmong(on.threads);
  const otherForms = kernels.isRelaxed() === 1 ? [FORM_HALVES] : [];
  const form = fastest(on, [FORM_WORDS, ...otherForms], (candidate) =>
    kernels.setForm(model, candidate),
  );
  const counts = on.keepsThreads ? [] : fewerThan(on.threads);
  const threads = fastest(on, [on.threads, ...counts], (count) => on.shareStepsAmong(count));
  return { form: form === FORM_HALVES ? 'halves' : 'words', threads };
}

function fastest(
  on: Tunable,
  candidates: readonly [number, ...number[]],
  use: (candidate: number) => void,
): number {
  let [best] = candidates;
  let bestMs = Infinity;
  for (const candidate of candidates) {
    use(candidate);
    on.runSample(); // once for nothing: threads that slept wake, code gets compiled
    let leastMs = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const startedMs = on.now();
      on.runSample();
      leastMs = Math.min(leastMs, on.now() - startedMs);
    }
    if (leastMs >= bestMs) continue;
    best = candidate;
    bestMs = leastMs;
  }
  use(best);
  return best;
}

/** Down to none by a quarter at a time: few enough to take no time worth speaking of. */
function fewerThan(threads: number): readonly number[] {
  const shares = [0.75, 0.5, 0.25].map((share) => Math.max(1, Math.round(threads * share)));
  return [...new Set(shares)].filter((count) => count < threads);
}
