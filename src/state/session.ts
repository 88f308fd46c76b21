import { effect, signal, type ReadonlySignal } from '@preact/signals-core';
import type { GenerateRequest, LoadedModel } from '../contract/engine.ts';
import { AppError, fromWire } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { StoredModel } from '../contract/model.ts';
import { LOWEST_RUNG, TARGET_OF_RUNG } from '../contract/rungs.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies } from './dependencies.ts';
import type { PhaseProgress } from './prepare-progress.ts';
import { endsTheEngine } from './remedies.ts';
import type { SettingsStore } from './settings.ts';

/** The engine as the page sees it: which model is in memory, and what it is doing. */
export type EngineState =
  | { readonly type: 'idle' }
  | {
      readonly type: 'loading';
      readonly model: StoredModel;
      /** 0–1 over the whole load. */
      readonly fraction: number;
      /** What was done to bring the model here just now; empty when it was here already. */
      readonly arrived: readonly PhaseProgress[];
    }
  | { readonly type: 'ready'; readonly model: StoredModel; readonly loaded: LoadedModel }
  | { readonly type: 'answering'; readonly model: StoredModel; readonly loaded: LoadedModel }
  /** Nothing is in memory. The next question loads `model` again. */
  | { readonly type: 'failed'; readonly model: StoredModel; readonly error: AppError };

export type LoadOutcome =
  | { readonly type: 'ready' }
  /** By the person, or because another load took its place. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: AppError };

export interface Session {
  readonly engine: ReadonlySignal<EngineState>;
  /** Puts a compiled model into memory, in place of what was there; waits for a running answer to end first. */
  load(model: StoredModel, arrived?: readonly PhaseProgress[]): Promise<LoadOutcome>;
  cancelLoad(): void;
  /** Frees the memory. */
  unload(): void;
  /** Events of one answer. Throws an `AppError`, after which the state says whether the engine survived. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>;
}

const NOT_READY = 'generate was called while no model was ready';

export function createSession(needs: Dependencies, settings: SettingsStore): Session {
  const engine = signal<EngineState>({ type: 'idle' });
  let loading: AbortController | null = null;

  async function load(
    model: StoredModel,
    arrived: readonly PhaseProgress[] = [],
  ): Promise<LoadOutcome> {
    const form = model.forms.find(({ target }) => target === TARGET_OF_RUNG[LOWEST_RUNG]);
    if (form === undefined) throw new Error('only a compiled model can be loaded');
    const { folder } = form;
    loading?.abort();
    const work = new AbortController();
    loading = work;
    await until(() => engine.value.type !== 'answering');
    if (work.signal.aborted) return { type: 'cancelled' };

    engine.value = { type: 'loading', model, fraction: 0, arrived };
    try {
      const loaded = await needs.engine.load(
        folder,
        {
          rung: 'wasm-int8',
          contextTokens: settings.current.value.contextTokens,
          threads: needs.threads,
        },
        ({ fraction }) => {
          if (loading === work) engine.value = { type: 'loading', model, fraction, arrived };
        },
        work.signal,
      );
      if (loading !== work) return { type: 'cancelled' };
      engine.value = loaded === null ? { type: 'idle' } : { type: 'ready', model, loaded };
      return { type: loaded === null ? 'cancelled' : 'ready' };
    } catch (thrown) {
      if (loading !== work) return { type: 'cancelled' };
      const error = asAppError(thrown);
      engine.value = { type: 'failed', model, error };
      return { type: 'failed', error };
    } finally {
      if (loading === work) loading = null;
    }
  }

  async function* generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent> {
    const before = engine.value;
    if (before.type !== 'ready') throw new AppError('not-loaded', NOT_READY);
    let after: EngineState = before;
    const during: EngineState = { ...before, type: 'answering' };
    engine.value = during;
    try {
      for await (const event of needs.engine.generate(request, signal)) {
        if (event.type === 'failed') throw fromWire(event.error);
        yield event;
      }
    } catch (thrown) {
      const error = asAppError(thrown);
      if (endsTheEngine(error.code)) after = { type: 'failed', model: before.model, error };
      throw error;
    } finally {
      if (engine.value === during) engine.value = after; // else it was unloaded under the answer
    }
  }

  return {
    engine,
    load,
    generate,
    cancelLoad: () => loading?.abort(),
    unload() {
      loading?.abort();
      loading = null;
      needs.engine.dispose();
      engine.value = { type: 'idle' };
    },
  };
}

/** Resolves once `test`, which reads signals, holds. */
function until(test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (!test()) return;
      // Later, because the first run comes before `stop` is known.
      queueMicrotask(() => {
        stop();
        resolve();
      });
    });
  });
}
