import { computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError, ErrorCode } from '../contract/errors.ts';
import type { ModelId, StoredModel } from '../contract/model.ts';
import type { GuideEntry, PrepareEvent } from '../contract/store.ts';
import { asAppError } from './as-app-error.ts';
import type { ModelStore } from './dependencies.ts';
import type { LoadOutcome, Session } from './session.ts';

/** The model that comes with the page, on its way into memory. */
export type GuideState =
  /** Not on its way: whether it is in memory, the engine says. */
  | { readonly type: 'resting' }
  | {
      readonly type: 'coming';
      /** Null while nothing is being downloaded: it is looked for, checked, prepared or loaded. */
      readonly download: Pick<PrepareEvent, 'doneBytes' | 'totalBytes'> | null;
    }
  | { readonly type: 'failed'; readonly error: AppError };

export interface Guide {
  readonly entry: GuideEntry;
  readonly state: ReadonlySignal<GuideState>;
  /** Whether it is the guide that answers, or will once it is there. */
  readonly answers: ReadonlySignal<boolean>;
  /** Says that `bring` is likely to follow, so that a question may be asked already. */
  readonly announce: () => void;
  /** Takes the announcement back. */
  readonly rest: () => void;
  /** Puts the guide into memory, unless another model is chosen meanwhile. Settles when either is so, or it failed. */
  readonly bring: () => Promise<void>;
}

export interface GuideNeeds {
  readonly entry: GuideEntry;
  readonly session: Session;
  /** Waits until the store is free, and prepares the guide. */
  readonly prepare: (
    onProgress: (event: PrepareEvent) => void,
  ) => ReturnType<ModelStore['prepare']>;
  /** As it was last listed; null when it is not on this device. */
  readonly stored: () => StoredModel | null;
  /** Has the file checked before it is used again. */
  readonly distrust: (model: StoredModel) => Promise<void>;
}

/** What lies on this device is of no use: it is got again. */
const IS_GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'compiled-damaged',
  'model-missing',
  'checksum-mismatch',
  'model-changed',
]);

export function createGuide({ entry, session, prepare, stored, distrust }: GuideNeeds): Guide {
  const state = signal<GuideState>({ type: 'resting' });
  let bringing: Promise<void> | null = null;

  async function bringNow(): Promise<void> {
    state.value = { type: 'coming', download: null };
    try {
      if ((await loadStored()) === 'missing') await prepareAndLoad(modelInUse());
      state.value = { type: 'resting' };
    } catch (thrown) {
      state.value = { type: 'failed', error: asAppError(thrown) };
    }
  }

  async function loadStored(): Promise<LoadOutcome | 'missing'> {
    const model = stored();
    if (model === null) return 'missing';
    const outcome = await session.load(model);
    if (outcome.type !== 'failed' || !IS_GONE.has(outcome.error.code)) return outcome;
    if (outcome.error.code === 'model-changed') await distrust(model);
    return 'missing';
  }

  /** @param before the model that was in use when the guide was sent for */
  async function prepareAndLoad(before: ModelId | null): Promise<void> {
    const outcome = await prepare(({ phase, doneBytes, totalBytes }) => {
      const download = phase === 'download' ? { doneBytes, totalBytes } : null;
      state.value = { type: 'coming', download };
    });
    if (outcome.type !== 'ready') return;
    const now = modelInUse();
    if (now === null || now === before) await session.load(outcome.model); // else another was chosen meanwhile
  }

  function modelInUse(): ModelId | null {
    const { value } = session.engine;
    return value.type === 'idle' ? null : value.model.id;
  }

  return {
    entry,
    state,
    answers: computed(() => {
      const id = modelInUse();
      return id === null ? state.value.type === 'coming' : id === entry.sha256;
    }),
    announce: () => (state.value = { type: 'coming', download: null }),
    rest: () => (state.value = { type: 'resting' }),
    bring() {
      bringing ??= bringNow().finally(() => (bringing = null));
      return bringing;
    },
  };
}
