import { effect, signal, type ReadonlySignal } from '@preact/signals-core';
import type { GenerateRequest } from '../contract/engine.ts';
import { AppError, fromWire } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { StoredModel } from '../contract/model.ts';
import type { Rung } from '../contract/rungs.ts';
import { asAppError } from './as-app-error.ts';
import { descend, type Descent, type DescendNeeds, type InMemory } from './descend.ts';
import type { PhaseProgress } from './prepare-progress.ts';
import { endsTheEngine } from './remedies.ts';

/** The engine as the page sees it: which model is in memory, how it runs, and what it is doing. */
export type EngineState =
  | { readonly type: 'idle' }
  | ({ readonly type: 'loading' } & Descent)
  | ({ readonly type: 'ready' } & InMemory)
  | ({ readonly type: 'answering' } & InMemory)
  /** Nothing is in memory. The next question loads `model` again. */
  | {
      readonly type: 'failed';
      readonly model: StoredModel;
      readonly error: AppError;
      /** The lower rung that the next load begins at; null when there is nothing to be gained from one. */
      readonly next: Rung | null;
    };

export type LoadOutcome =
  /** `model` as it is on this device now: it may have got another form. */
  | { readonly type: 'ready'; readonly model: StoredModel }
  /** By the person, or because another load took its place. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: AppError };

export interface Session {
  readonly engine: ReadonlySignal<EngineState>;
  /**
   * Puts a model into memory, in place of what was there, as `descend` does; waits for a running answer to end first.
   * @param arrived what was done just now to bring the model here
   */
  load(model: StoredModel, arrived?: readonly PhaseProgress[]): Promise<LoadOutcome>;
  cancelLoad(): void;
  /** Resolves once no answer runs. */
  rest(): Promise<void>;
  /** Frees the memory. */
  unload(): void;
  /** Events of one answer. Throws an `AppError`, after which the state says whether the engine survived. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>;
}

const NOT_READY = 'generate was called while no model was ready';

export function createSession(needs: DescendNeeds): Session {
  const { ladder } = needs;
  const host = needs.dependencies.engine;
  const engine = signal<EngineState>({ type: 'idle' });
  let loading: AbortController | null = null;

  async function load(
    model: StoredModel,
    arrived: readonly PhaseProgress[] = [],
  ): Promise<LoadOutcome> {
    loading?.abort();
    const work = new AbortController();
    loading = work;
    await rest();
    await ladder.look();
    if (work.signal.aborted) return { type: 'cancelled' };
    const show = (descent: Descent) => {
      if (loading === work) engine.value = { type: 'loading', ...descent };
    };
    try {
      ladder.meet(model.id);
      const reached = await descend(needs, { model, arrived }, show, work.signal);
      if (loading !== work) return { type: 'cancelled' };
      engine.value = reached === null ? { type: 'idle' } : { type: 'ready', ...reached };
      return reached === null ? { type: 'cancelled' } : { type: 'ready', model: reached.model };
    } catch (thrown) {
      if (loading !== work) return { type: 'cancelled' };
      const error = asAppError(thrown);
      engine.value = { type: 'failed', model, error, next: null };
      return { type: 'failed', error };
    } finally {
      if (loading === work) loading = null;
    }
  }

  function rest(): Promise<void> {
    return until(() => engine.value.type !== 'answering');
  }

  async function* generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent> {
    const before = engine.value;
    if (before.type !== 'ready') throw new AppError('not-loaded', NOT_READY);
    const { model, rung } = before;
    let after: EngineState = before;
    const during: EngineState = { ...before, type: 'answering' };
    engine.value = during;
    try {
      for await (const event of host.generate(request, signal)) {
        if (event.type === 'failed') throw fromWire(event.error);
        if (event.type === 'end' && event.reason !== 'cancelled') {
          ladder.succeed(model.id, rung, 'answered');
        }
        yield event;
      }
    } catch (thrown) {
      const error = asAppError(thrown);
      if (engine.value === during && endsTheEngine(error.code)) {
        const next = ladder.stepDown(model.id, rung, error, 'answering');
        after = { type: 'failed', model, error, next };
      }
      throw error;
    } finally {
      if (engine.value === during) engine.value = after; // else it was unloaded under the answer
    }
  }

  return {
    engine,
    load,
    rest,
    generate,
    cancelLoad: () => loading?.abort(),
    unload() {
      loading?.abort();
      loading = null;
      host.dispose();
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
