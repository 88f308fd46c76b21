import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../../contract/errors.ts';
import { asAppError } from '../as-app-error.ts';
import type { Dependencies } from '../dependencies.ts';
import type { InMemory } from '../descend.ts';
import { bitsPerWeight } from './bits-per-weight.ts';
import { planFor, type Wish } from './plan.ts';
import { parseResult } from './read-result.ts';
import { FORMAT, isEmpty, type BenchmarkResult } from './result.ts';
import { runBenchmark, type Progress, type RunNeeds } from './run-benchmark.ts';

export interface BenchNeeds
  extends RunNeeds, Pick<Dependencies, 'notes' | 'presence' | 'versions' | 'memoryBytes'> {}

export interface RunningBenchmark extends Progress {
  /** Stop was pressed; a run or a load is on its way out. */
  readonly isStopping: boolean;
}

export interface Benchmark {
  /** Null while nothing runs. */
  readonly running: ReadonlySignal<RunningBenchmark | null>;
  /** Of the run that runs, as far as it is, else of the last one on this device; null before the first. */
  readonly own: ReadonlySignal<BenchmarkResult | null>;
  /** Why the last run ended before its time; what it had measured is in `own`. */
  readonly failure: ReadonlySignal<AppError | null>;
  /** Does nothing while one runs or the engine is not ready. */
  readonly run: (wish: Wish) => Promise<void>;
  readonly stop: () => void;
}

/** What only the page knows of the device. */
export interface DeviceFacts {
  readonly cores: number | null;
  readonly pageVersion: string;
}

const NOTE = 'offgrid.benchmark';

export function createBenchmark(needs: BenchNeeds, facts: DeviceFacts): Benchmark {
  const { session, clock, notes, presence } = needs;
  const running = signal<RunningBenchmark | null>(null);
  const own = signal<BenchmarkResult | null>(parseResult(notes.read(NOTE) ?? ''));
  const failure = signal<AppError | null>(null);
  let work: AbortController | null = null;
  let wasHidden = false;

  presence.watch((isSeen) => {
    if (!isSeen) wasHidden = true;
  });

  async function run(wish: Wish): Promise<void> {
    const { value } = session.engine;
    if (work !== null || value.type !== 'ready') return;
    const { signal: stopped } = (work = new AbortController());
    const plan = planFor(wish, value.loaded.contextTokens);
    const subject = describe(value);
    failure.value = null;
    wasHidden = false;
    let progress: Progress = { step: { type: 'load' }, round: 1, fraction: 0 };
    const show = () => (running.value = { ...progress, isStopping: stopped.aborted });
    stopped.addEventListener('abort', show);
    show();
    try {
      await runBenchmark(
        needs,
        plan,
        (next) => {
          progress = next;
          show();
        },
        (measured) => {
          const result = { ...subject, ...measured, wasHidden };
          if (!isEmpty(result)) own.value = result;
        },
        stopped,
      );
    } catch (thrown) {
      failure.value = asAppError(thrown);
    } finally {
      work = null;
      running.value = null;
      if (own.value !== null) notes.write(NOTE, JSON.stringify(own.value));
    }
  }

  function describe({ model, rung, loaded }: InMemory) {
    const { adapter } = loaded.summary.gpu ?? {};
    const named = adapter && [adapter.description, adapter.vendor, adapter.architecture];
    return {
      format: FORMAT,
      version: 1,
      date: clock.date(),
      model: {
        title: model.title,
        fileName: model.fileName,
        sha256: model.id,
        totalBytes: model.sourceBytes,
        bitsPerWeight: bitsPerWeight(loaded.manifest),
      },
      engine: { rung, threads: loaded.summary.threads, contextTokens: loaded.contextTokens },
      versions: {
        page: facts.pageVersion,
        runtime: needs.versions.runtime,
        compiler: needs.versions.compiler,
      },
      device: {
        browser: needs.versions.browser,
        cores: facts.cores,
        memoryBytes: needs.memoryBytes,
        gpu: named?.filter((part) => part !== '').join(' ') ?? null,
      },
    } as const;
  }

  return { running, own, failure, run, stop: () => work?.abort() };
}
