import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import type { ChosenSource, PrepareEvent } from '../contract/store.ts';
import { asAppError } from './as-app-error.ts';
import {
  advance,
  finishPreparing,
  type PhaseProgress,
  type PrepareProgress,
} from './prepare-progress.ts';

/** A model on its way onto this device. What is in memory stays usable meanwhile. */
export type Arrival =
  | { readonly type: 'none' }
  | {
      readonly type: 'preparing';
      readonly title: string;
      readonly phases: readonly PhaseProgress[];
      /** Pause or Cancel was pressed and the worker has not answered yet. */
      readonly isStopping: boolean;
    }
  | {
      readonly type: 'failed';
      readonly title: string;
      readonly source: ChosenSource;
      readonly error: AppError;
    };

/** What is to be shown of a model that comes. */
export interface Coming {
  readonly source: ChosenSource;
  readonly title: string;
  /** Before anything is known: the phases to be expected. */
  readonly expected: PrepareProgress;
  /** Aborted, it is shown as stopping. */
  readonly work: AbortController;
}

export interface ArrivalState {
  readonly current: ReadonlySignal<Arrival>;
  /**
   * Shows a model as `bring` brings it, and when that fails, that it did. What lies here is listed anew before anything else
   * is shown.
   * @returns how it ended, with the phases that it went through; null when it failed
   */
  readonly show: <Outcome>(
    coming: Coming,
    bring: (onProgress: (event: PrepareEvent) => void) => Promise<Outcome>,
  ) => Promise<{ readonly outcome: Outcome; readonly phases: readonly PhaseProgress[] } | null>;
  /** Stops what comes. */
  readonly stop: (reason?: unknown) => void;
  /** Puts a failure away. */
  readonly dismiss: () => void;
}

/** @param listAnew resolves when it is known what lies here, whole or in part */
export function createArrival(listAnew: () => Promise<unknown>): ArrivalState {
  const current = signal<Arrival>({ type: 'none' });
  let shown: AbortController | null = null;

  const show: ArrivalState['show'] = async ({ source, title, expected, work }, bring) => {
    shown = work;
    let progress = expected;
    const tell = () => {
      const isStopping = work.signal.aborted;
      current.value = { type: 'preparing', title, phases: progress.phases, isStopping };
    };
    work.signal.addEventListener('abort', tell);
    tell();
    try {
      const outcome = await bring((event) => {
        progress = advance(progress, event);
        tell();
      });
      await listAnew();
      current.value = { type: 'none' };
      return { outcome, phases: finishPreparing(progress) };
    } catch (thrown) {
      await listAnew();
      current.value = { type: 'failed', title, source, error: asAppError(thrown) };
      return null;
    } finally {
      work.signal.removeEventListener('abort', tell);
      if (shown === work) shown = null;
    }
  };

  return {
    current,
    show,
    stop: (reason) => shown?.abort(reason),
    dismiss() {
      if (current.value.type === 'failed') current.value = { type: 'none' };
    },
  };
}
