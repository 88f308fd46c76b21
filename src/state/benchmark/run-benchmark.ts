import type { GenerateRequest } from '../../contract/engine.ts';
import { AppError } from '../../contract/errors.ts';
import type { GenerationEvent } from '../../contract/events.ts';
import type { GenerationSummary } from '../../contract/stats.ts';
import { Prng } from '../../lib/prng.ts';
import type { Clock } from '../dependencies.ts';
import type { InMemory } from '../descend.ts';
import type { Models } from '../models.ts';
import type { Session } from '../session.ts';
import { driftOf, type Interval } from './drift.ts';
import { DRIFT_MS, type Plan, type Trial } from './plan.ts';
import type { BenchmarkResult, Heat, Series } from './result.ts';

/** What is being done now. */
export type Step =
  | { readonly type: 'load' }
  | { readonly type: 'trial'; readonly trial: Trial; readonly heat: Heat }
  | { readonly type: 'drift'; readonly elapsedMs: number };

export interface Progress {
  readonly step: Step;
  /** From 1; of the rounds that were asked for. */
  readonly round: number;
  /** 0–1, by what is done of what is to be done. */
  readonly fraction: number;
}

export type Measured = Pick<BenchmarkResult, 'series' | 'loadMs' | 'drift'>;

export interface RunNeeds {
  readonly session: Pick<Session, 'engine' | 'generate'>;
  readonly loadAnew: Models['loadAnew'];
  readonly clock: Clock;
}

/** Decoded again and again while heat is looked for. */
const DRIFT_TRIAL: Trial = { promptTokens: 128, newTokens: 256, reads: ['decode'] };
/** What a load counts as, of progress, beside tokens: a guess. */
const LOAD_TOKENS = 50;
const SEED = 20_261_125;

/**
 * Measures on the engine in use, by the way that a question takes. In each round every trial has the model loaded anew, runs cold, and
 * runs once more, warm. Prompts are the template and random tokens, the same in every run; replies are greedy.
 *
 * @param tell hears all that was measured so far
 * @returns when all was measured, or soon after `stopped` was aborted: a load is waited for
 * @throws AppError when the engine fails, or another one takes its place
 */
export async function runBenchmark(
  { session, loadAnew, clock }: RunNeeds,
  plan: Plan,
  show: (progress: Progress) => void,
  tell: (measured: Measured) => void,
  stopped: AbortSignal,
): Promise<void> {
  const { rung, model, loaded } = inMemory(session);
  const series = new Map<string, Series>();
  const loadMs: number[] = [];
  const intervals: Interval[] = [];
  const startedAtMs = clock.nowMs();
  const allTokens = plan.rounds * plan.trials.reduce((sum, trial) => sum + costOf(trial), 0);
  let doneTokens = 0;
  let round = 1;

  const report = (step: Step) =>
    show({
      step,
      round,
      fraction: step.type === 'drift' ? step.elapsedMs / DRIFT_MS : doneTokens / allTokens,
    });
  const tellAll = () =>
    tell({
      series: [...series.values()],
      loadMs: [...loadMs],
      drift: plan.hasDrift ? driftOf(intervals) : null,
    });

  /** Null when it was stopped. */
  async function run(
    request: GenerateRequest,
    signal: AbortSignal,
    hear: (event: GenerationEvent) => void = () => {},
  ): Promise<GenerationSummary | null> {
    for await (const event of session.generate(request, signal)) {
      hear(event);
      if (event.type === 'end') return event.reason === 'cancelled' ? null : event.summary;
    }
    return null;
  }

  async function load(): Promise<void> {
    report({ type: 'load' });
    const beganAtMs = clock.nowMs();
    await loadAnew();
    const { value } = session.engine;
    if (value.type === 'failed') throw value.error;
    const now = inMemory(session);
    if (now.rung !== rung || now.model.id !== model.id) {
      throw new AppError('runtime-failed', `${now.rung} took the place of ${rung}`);
    }
    loadMs.push(clock.nowMs() - beganAtMs);
  }

  async function measure(trial: Trial, heat: Heat): Promise<void> {
    report({ type: 'trial', trial, heat });
    const summary = await run(requestFor(trial), stopped);
    if (summary === null) return;
    for (const kind of trial.reads) {
      const rate =
        kind === 'prefill' ? summary.prefillTokensPerSecond : summary.decodeTokensPerSecond;
      const tokens = kind === 'prefill' ? trial.promptTokens : trial.newTokens;
      const key = `${kind} ${tokens} ${heat}`;
      const before = series.get(key)?.perSecond ?? [];
      if (rate !== null) series.set(key, { kind, tokens, heat, perSecond: [...before, rate] });
    }
    tellAll();
  }

  async function measureDrift(): Promise<void> {
    const newTokens = Math.min(
      DRIFT_TRIAL.newTokens,
      loaded.contextTokens - DRIFT_TRIAL.promptTokens,
    );
    const work = new AbortController();
    const end = () => work.abort();
    stopped.addEventListener('abort', end);
    const beganAtMs = clock.nowMs();
    while (!work.signal.aborted) {
      const acceptedAtMs = clock.nowMs() - beganAtMs;
      let before: number | null = null;
      await run(requestFor({ ...DRIFT_TRIAL, newTokens }), work.signal, (event) => {
        const elapsedMs = clock.nowMs() - beganAtMs;
        report({ type: 'drift', elapsedMs: Math.min(elapsedMs, DRIFT_MS) });
        if (elapsedMs >= DRIFT_MS) end();
        if (event.type !== 'step') return;
        for (const { atMs } of event.tokens) {
          const endedAtMs = acceptedAtMs + atMs;
          if (before !== null && endedAtMs < DRIFT_MS) {
            intervals.push({ endedAtMs, elapsedMs: atMs - before });
          }
          before = atMs;
        }
      });
      tellAll();
    }
    stopped.removeEventListener('abort', end);
  }

  const probe = await run(requestOf([], 1), stopped);
  if (probe === null) return;
  const requestFor = toRequests(probe.promptTokens, loaded);

  for (; round <= plan.rounds && clock.nowMs() - startedAtMs < plan.enoughMs; round++) {
    for (const trial of plan.trials) {
      if (stopped.aborted) return;
      await load();
      doneTokens += LOAD_TOKENS;
      for (const heat of ['cold', 'warm'] as const) {
        if (stopped.aborted) return;
        await measure(trial, heat);
        doneTokens += runCostOf(trial);
      }
    }
  }
  if (plan.hasDrift && !stopped.aborted) await measureDrift();
}

/** @param templateTokens that a prompt has before the first random one */
function toRequests(
  templateTokens: number,
  { manifest }: InMemory['loaded'],
): (trial: Trial) => GenerateRequest {
  // Control tokens come last in vocabularies of this family, and those that end a reply are among them.
  const { shape, stopTokens } = manifest;
  const textTokens = Math.min(shape.vocabulary, ...stopTokens.filter((id) => id >= 256));
  return ({ promptTokens, newTokens }) => {
    const prng = new Prng(SEED);
    const ids = Array.from({ length: Math.max(0, promptTokens - templateTokens) }, () =>
      Math.floor(prng.nextFraction() * textTokens),
    );
    return requestOf(ids, newTokens);
  };
}

/** @param ids what the prompt has behind the template, as if a reply had begun with them */
function requestOf(ids: readonly number[], newTokens: number): GenerateRequest {
  return {
    messages: [{ role: 'user', content: '?' }],
    sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 0 },
    maxNewTokens: newTokens,
    stopStrings: [],
    ...(ids.length > 0 ? { begun: ids } : {}),
    isMeasured: true,
  };
}

/** Decoding a token takes several times what reading one does. */
function runCostOf({ promptTokens, newTokens }: Trial): number {
  return promptTokens / 4 + newTokens;
}

function costOf(trial: Trial): number {
  return LOAD_TOKENS + 2 * runCostOf(trial);
}

function inMemory(session: RunNeeds['session']): InMemory {
  const { value } = session.engine;
  if (value.type !== 'ready') throw new AppError('not-loaded', `the engine is ${value.type}`);
  return value;
}
