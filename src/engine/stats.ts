import type { GenerationSummary, RunTimes } from '../contract/stats.ts';

/** What one generation did, as it was noted on the way. Times are milliseconds on one clock. */
export interface GenerationRecord {
  /** When the request was accepted. */
  readonly acceptedAtMs: number;
  /** When the ending was decided. */
  readonly endedAtMs: number;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  /** Prompt tokens that were run: less than the prompt minus the reused ones after a cancel. */
  readonly ranTokens: number;
  /** Spent inside prefill runs, without the pauses between chunks. */
  readonly prefillMs: number;
  /** When each token of the reply was sampled, ascending. */
  readonly sampledAtMs: readonly number[];
  /** Of each run that decoded, where the engine tells. */
  readonly runTimes: readonly RunTimes[];
  /** In the KV cache at the end. */
  readonly contextUsedTokens: number;
  readonly contextTokens: number;
}

export function summarise(record: GenerationRecord): GenerationSummary {
  return {
    promptTokens: record.promptTokens,
    reusedTokens: record.reusedTokens,
    newTokens: record.sampledAtMs.length,
    ttftMs: ttftMs(record.acceptedAtMs, record.sampledAtMs),
    prefillTokensPerSecond: prefillTokensPerSecond(record.ranTokens, record.prefillMs),
    decodeTokensPerSecond: decodeTokensPerSecond(record.sampledAtMs),
    contextUsedTokens: record.contextUsedTokens,
    contextTokens: record.contextTokens,
    totalMs: record.endedAtMs - record.acceptedAtMs,
    runTimes: medianTimes(record.runTimes),
  };
}

/**
 * The median of each part over several runs. They need not be of one run, so they need not add up.
 *
 * @returns `null` for no runs; `gpuMs` is `null` when no run has it
 */
export function medianTimes(runs: readonly RunTimes[]): RunTimes | null {
  const recordMs = median(runs.map((run) => run.recordMs));
  const waitMs = median(runs.map((run) => run.waitMs));
  if (recordMs === null || waitMs === null) return null;
  return {
    recordMs,
    gpuMs: median(runs.flatMap(({ gpuMs }) => (gpuMs === null ? [] : [gpuMs]))),
    waitMs,
  };
}

/** The lower of the two in the middle of an even number. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? null;
}

/**
 * Time to first token in milliseconds: from accepting the request to having sampled the first token of the reply.
 * Template, tokenizer and prefill are in it, as a person waits for them too.
 *
 * @returns `null` when there was no token. Unknown is not zero.
 */
export function ttftMs(acceptedAtMs: number, sampledAtMs: readonly number[]): number | null {
  const first = sampledAtMs[0];
  return first === undefined ? null : first - acceptedAtMs;
}

/**
 * Speed of reading the prompt in tokens per second: tokens that were run, divided by the time inside the runs. Tokens
 * found in the cache cost nothing and count for nothing.
 *
 * @returns `null` when nothing was run, or faster than the clock can see
 */
export function prefillTokensPerSecond(ranTokens: number, prefillMs: number): number | null {
  return ranTokens === 0 || prefillMs <= 0 ? null : (ranTokens * 1000) / prefillMs;
}

/**
 * Decoding speed in tokens per second, first token excluded.
 *
 * `n` timestamps enclose `n − 1` decode steps, so that is what we divide. The
 * first token is paid for by prefill and shows up as time to first token;
 * counting it here as well would flatter a 10-token reply by 11 %.
 *
 * @param atMs when each token was sampled: milliseconds on one clock, ascending
 * @returns `null` when there is no step to time. Unknown is not zero.
 * @see llama.cpp `llama-bench`, which keeps prompt and generation apart in the same way
 */
export function decodeTokensPerSecond(atMs: readonly number[]): number | null {
  const first = atMs[0];
  const last = atMs.at(-1);
  if (first === undefined || last === undefined || last <= first) return null;
  return ((atMs.length - 1) * 1000) / (last - first);
}
