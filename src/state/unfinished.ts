import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { DownloadKey, UnfinishedDownload } from '../contract/download.ts';
import type { AppError } from '../contract/errors.ts';
import { asAppError } from './as-app-error.ts';
import type { ModelStore } from './dependencies.ts';

/** Downloads that did not come to their end: paused, or cut off with the page. They are offered, and never go on by themselves. */
export interface Unfinished {
  /** As it was last looked at; the guide's is not among them, for it comes by itself. */
  readonly list: ReadonlySignal<readonly UnfinishedDownload[]>;
  /** What kept the last one from being deleted; null when nothing did. */
  readonly failure: ReadonlySignal<AppError | null>;
  readonly look: () => Promise<void>;
  /** Deletes what came. */
  readonly discard: (key: DownloadKey) => Promise<void>;
}

export function createUnfinished(store: Pick<ModelStore, 'unfinished' | 'discard'>): Unfinished {
  const list = signal<readonly UnfinishedDownload[]>([]);
  const failure = signal<AppError | null>(null);

  async function look(): Promise<void> {
    try {
      list.value = (await store.unfinished()).filter(({ file }) => file.of === 'host');
    } catch {
      list.value = []; // without a place to keep files there is none either, and the shelf says so
    }
  }

  return {
    list,
    failure,
    look,
    async discard(key) {
      failure.value = null;
      try {
        await store.discard(key);
      } catch (thrown) {
        failure.value = asAppError(thrown);
      }
      await look();
    },
  };
}
