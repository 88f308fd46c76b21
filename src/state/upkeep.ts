import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { DownloadProgress } from '../contract/download.ts';
import type { AppError } from '../contract/errors.ts';
import type { ModelId } from '../contract/model.ts';
import type { ExportKind, PrepareEvent } from '../contract/store.ts';
import { asAppError } from './as-app-error.ts';
import type { ModelStore } from './dependencies.ts';

/** What is being done to one model that lies here, or how that ended. One thing at a time. */
export type Upkeep =
  | { readonly type: 'none' }
  | {
      readonly type: 'running';
      readonly work: UpkeepWork;
      readonly id: ModelId;
      readonly doneBytes: number;
      readonly totalBytes: number | null;
      /** Of a repair, once it fetches. */
      readonly transfer: DownloadProgress | null;
      readonly isStopping: boolean;
    }
  | { readonly type: 'sound'; readonly id: ModelId }
  /** @property damagedBytes what has to be fetched again; null where that cannot be told */
  | { readonly type: 'damaged'; readonly id: ModelId; readonly damagedBytes: number | null }
  /** @property file for the browser to save, whose pieces still lie in the store */
  | {
      readonly type: 'exported';
      readonly id: ModelId;
      readonly file: Blob;
      readonly fileName: string;
    }
  | {
      readonly type: 'failed';
      readonly work: UpkeepWork;
      readonly id: ModelId;
      readonly error: AppError;
    };

export type UpkeepWork = 'check' | 'repair' | 'export';

export interface UpkeepState {
  readonly current: ReadonlySignal<Upkeep>;
  /** Compares every byte with the hash again. */
  readonly check: (id: ModelId) => Promise<void>;
  /** Fetches again what is damaged, and nothing else. */
  readonly repair: (id: ModelId) => Promise<void>;
  /** Makes a file of it, for another device. */
  readonly export: (id: ModelId, what: ExportKind) => Promise<void>;
  readonly stop: () => void;
}

/** @param refresh called after something changed on this device */
export function createUpkeep(
  store: Pick<ModelStore, 'verify' | 'repair' | 'export'>,
  refresh: () => Promise<void>,
): UpkeepState {
  const current = signal<Upkeep>({ type: 'none' });
  let running: AbortController | null = null;

  async function run(
    work: UpkeepWork,
    id: ModelId,
    begin: (onProgress: (event: PrepareEvent) => void, signal: AbortSignal) => Promise<Upkeep>,
  ): Promise<void> {
    if (running !== null) return;
    const stop = new AbortController();
    running = stop;
    let latest: Pick<PrepareEvent, 'doneBytes' | 'totalBytes' | 'transfer'> = {
      doneBytes: 0,
      totalBytes: null,
    };
    const show = () => {
      const { doneBytes, totalBytes, transfer = null } = latest;
      const isStopping = stop.signal.aborted;
      current.value = { type: 'running', work, id, doneBytes, totalBytes, transfer, isStopping };
    };
    stop.signal.addEventListener('abort', show);
    show();
    try {
      const ended = await begin((event) => {
        latest = event;
        show();
      }, stop.signal);
      await refresh();
      current.value = ended;
    } catch (thrown) {
      await refresh();
      current.value = { type: 'failed', work, id, error: asAppError(thrown) };
    } finally {
      stop.signal.removeEventListener('abort', show);
      running = null;
    }
  }

  return {
    current,
    check: (id) =>
      run('check', id, async (onProgress, stop) => {
        const outcome = await store.verify(id, onProgress, stop);
        if (outcome.type === 'damaged') return { ...outcome, id };
        return outcome.type === 'sound' ? { type: 'sound', id } : { type: 'none' };
      }),
    repair: (id) =>
      run('repair', id, async (onProgress, stop) => {
        const outcome = await store.repair(id, onProgress, stop);
        return outcome.type === 'stored' ? { type: 'sound', id } : { type: 'none' };
      }),
    export: (id, what) =>
      run('export', id, async (onProgress, stop) => {
        const outcome = await store.export(id, what, onProgress, stop);
        return outcome.type === 'exported' ? { ...outcome, id } : { type: 'none' };
      }),
    stop: () => running?.abort(),
  };
}
