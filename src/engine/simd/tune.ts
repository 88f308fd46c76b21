/** Which forms of the kernels and how many threads are fastest on this device: found by trying, in some 0.2 s. */
import { FORM_HALVES, FORM_WORDS, type KernelExports } from './kernel-exports.ts';

/** Times that each way is tried. Code is compiled while it runs, at first badly: no way may have only the early tries. */
const ROUNDS = 6;
/** One way must take no more than this share of the first one's time to be preferred: less is chance. */
const WORTH_A_CHANGE = 0.9;

export interface Tunable {
  /** How many there are. */
  readonly threads: number;
  /** All of them are to be used. */
  readonly keepsThreads: boolean;
  readonly kernels: Pick<KernelExports, 'isRelaxed' | 'setForm'>;
  readonly model: number;
  shareStepsAmong(threads: number): void;
  /** A short piece of the work. */
  runSample(of: 'decode' | 'prompt'): void;
  /** A clock in milliseconds. */
  now(): number;
}

/** How products read activations. */
export type Form = 'words' | 'halves';

export interface Tuning {
  /** For one row, and for several at a time. */
  readonly forms: Readonly<Record<'decode' | 'prompt', Form>>;
  readonly threads: number;
}

/** For `setForm`. */
export const FORM_NUMBERS: Readonly<Record<Form, number>> = {
  words: FORM_WORDS,
  halves: FORM_HALVES,
};

/**
 * The forms depend on the processor's instructions. Threads: more are slower where cores are slow, shared or taken by
 * something else, since a step is as slow as its slowest thread. The number that is chosen is in use afterwards.
 */
export function tune(on: Tunable): Tuning {
  const { kernels, model } = on;
  const use = (form: Form) => kernels.setForm(model, FORM_NUMBERS[form]);
  const others: readonly Form[] = kernels.isRelaxed() === 1 ? ['halves'] : [];
  on.shareStepsAmong(on.threads);
  const forms = {
    prompt: fastest(on, 'prompt', ['words', ...others], use),
    decode: fastest(on, 'decode', ['words', ...others], use),
  };
  const counts = on.keepsThreads ? [] : fewerThan(on.threads);
  const threads = fastest(on, 'decode', [on.threads, ...counts], (count) =>
    on.shareStepsAmong(count),
  );
  return { forms, threads };
}

/** The first, unless another is clearly faster. It is in use afterwards. */
function fastest<Way>(
  on: Tunable,
  of: 'decode' | 'prompt',
  ways: readonly [Way, ...Way[]],
  use: (way: Way) => void,
): Way {
  const [first, ...others] = ways;
  const leastMs = new Map<Way, number>(ways.map((way) => [way, Infinity]));
  const leastOf = (way: Way) => leastMs.get(way) ?? Infinity;
  for (let round = 0; others.length > 0 && round < ROUNDS; round++) {
    for (const way of ways) {
      use(way);
      on.runSample(of); // once for nothing: threads that slept wake
      const startedMs = on.now();
      on.runSample(of);
      leastMs.set(way, Math.min(leastOf(way), on.now() - startedMs));
    }
  }
  const best = others.reduce((best, way) => (leastOf(way) < leastOf(best) ? way : best), first);
  const isWorthIt = leastOf(best) < WORTH_A_CHANGE * leastOf(first);
  const chosen = isWorthIt ? best : first;
  use(chosen);
  return chosen;
}

/** Down to none by a quarter at a time: few enough to take no time worth speaking of. */
function fewerThan(threads: number): readonly number[] {
  const shares = [0.75, 0.5, 0.25].map((share) => Math.max(1, Math.round(threads * share)));
  return [...new Set(shares)].filter((count) => count < threads);
}
