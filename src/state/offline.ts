import { effect, signal, type ReadonlySignal } from '@preact/signals-core';
import { TARGET_OF_RUNG } from '../contract/rungs.ts';
import type { KeptFile } from '../contract/service-worker.ts';
import type { Dependencies } from './dependencies.ts';
import type { Session } from './session.ts';

/** What is wanting for the page to work without a network. */
export type Lack =
  /** The browser keeps no pages here, or the service worker does not answer. */
  | { readonly type: 'no-service-worker' }
  /** It is there, but another load of the page would be its first to serve. */
  | { readonly type: 'not-serving' }
  | { readonly type: 'files'; readonly paths: readonly string[] }
  | { readonly type: 'no-model' }
  /** The model in memory, its source or the form that it runs in, does not lie here. */
  | { readonly type: 'model'; readonly title: string };

/** Whether all that a visit without a network needs was looked at and lies here. */
export type OfflineState =
  | { readonly type: 'unknown' }
  | { readonly type: 'checking' }
  | {
      readonly type: 'ready';
      readonly files: readonly KeptFile[];
      readonly model: { readonly title: string; readonly totalBytes: number };
    }
  | {
      readonly type: 'lacking';
      readonly lacks: readonly Lack[];
      readonly files: readonly KeptFile[];
    };

export interface Offline {
  readonly state: ReadonlySignal<OfflineState>;
  /** Has what is missing of the page fetched, and looks at everything again. One pass at a time. */
  readonly check: () => Promise<void>;
}

export function createOffline(
  { page, store }: Pick<Dependencies, 'page' | 'store'>,
  { engine }: Pick<Session, 'engine'>,
): Offline {
  const state = signal<OfflineState>({ type: 'unknown' });
  let checking: Promise<void> | null = null;
  /** What the last pass looked at, so that it is looked at anew when another model is loaded. */
  let checkedFor: string | null = null;

  function inMemory() {
    const { value } = engine;
    return value.type === 'ready' || value.type === 'answering' ? value : null;
  }

  async function checkNow(): Promise<void> {
    const loaded = inMemory();
    checkedFor = nameOf(loaded);
    if (state.value.type === 'unknown') state.value = { type: 'checking' };
    const [copy, stored] = await Promise.all([page.keep(), store.list().catch(() => [])]);
    const lacks: Lack[] = [];
    if (copy === null) lacks.push({ type: 'no-service-worker' });
    else if (!copy.isControlled) lacks.push({ type: 'not-serving' });
    const isOnGpu = loaded !== null && loaded.rung.startsWith('webgpu');
    const files = (copy?.files ?? []).filter(
      ({ isNeeded, state: is }) => isNeeded === 'always' || (isOnGpu && is !== 'missing'),
    );
    const absent = files.filter(({ state: is }) => is !== 'kept').map(({ path }) => path);
    // Of the builds that use a GPU a browser needs one: which one it is, is the one that was used.
    if (
      isOnGpu &&
      !files.some(({ isNeeded, path }) => isNeeded === 'on-gpu' && /\.wasm/.test(path))
    ) {
      absent.push('ort');
    }
    if (absent.length > 0) lacks.push({ type: 'files', paths: absent });
    const model = stored.find(({ id }) => id === loaded?.model.id);
    const form = model?.forms.find(
      ({ target }) => loaded !== null && target === TARGET_OF_RUNG[loaded.rung],
    );
    if (loaded === null) lacks.push({ type: 'no-model' });
    else if (model === undefined || form === undefined) {
      lacks.push({ type: 'model', title: loaded.model.title });
    }
    state.value =
      lacks.length > 0 || model === undefined || form === undefined
        ? { type: 'lacking', lacks, files }
        : {
            type: 'ready',
            files,
            model: { title: model.title, totalBytes: model.sourceBytes + form.totalBytes },
          };
  }

  function check(): Promise<void> {
    checking ??= checkNow().finally(() => (checking = null));
    return checking;
  }

  effect(() => {
    const name = nameOf(inMemory());
    if (state.peek().type === 'unknown' || name === null || name === checkedFor) return;
    void check();
  });

  return { state, check };
}

function nameOf(
  loaded: { readonly model: { readonly id: string }; readonly rung: string } | null,
): string | null {
  return loaded === null ? null : `${loaded.model.id} ${loaded.rung}`;
}
