import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import { TARGET_OF_RUNG, type Rung } from '../contract/rungs.ts';
import type { CatalogEntry, ModelSource } from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies, ServedFile } from './dependencies.ts';
import type { DescendNeeds } from './descend.ts';
import { advance, beginProgress, finishPreparing, type PhaseProgress } from './prepare-progress.ts';
import type { RoomState } from './room.ts';
import type { Session } from './session.ts';

/** What is known of the models on this device. */
export type Shelf =
  | { readonly type: 'unknown' }
  | { readonly type: 'listed'; readonly models: readonly StoredModel[] }
  | { readonly type: 'failed'; readonly error: AppError };

/** A model on its way onto this device. What is in memory stays usable meanwhile. */
export type Arrival =
  | { readonly type: 'none' }
  | {
      readonly type: 'preparing';
      readonly title: string;
      readonly phases: readonly PhaseProgress[];
      /** Cancel was pressed and the worker has not answered yet. */
      readonly isStopping: boolean;
    }
  | {
      readonly type: 'failed';
      readonly title: string;
      readonly source: ModelSource;
      readonly error: AppError;
    };

export interface Models {
  readonly shelf: ReadonlySignal<Shelf>;
  readonly served: ReadonlySignal<readonly ServedFile[]>;
  readonly arrival: ReadonlySignal<Arrival>;
  readonly catalog: readonly CatalogEntry[];
  /** Looks what is here and, if there is a model, loads the one that was used last. */
  readonly start: () => Promise<void>;
  readonly get: (entry: CatalogEntry) => Promise<void>;
  readonly openFile: (file: File) => Promise<void>;
  readonly openServed: (file: ServedFile) => Promise<void>;
  /** Loads a model that is here; the form it is to run in is rebuilt when it is missing or damaged. */
  readonly open: (model: StoredModel) => Promise<void>;
  /** Loads the present model again, with the settings of now. */
  readonly reload: () => Promise<void>;
  /** Where models are to run from the next load on; null: wherever is best. What failed there before may try again. */
  readonly chooseRung: (rung: Rung | null) => void;
  /** Loads the present model again, as if no rung had ever failed. */
  readonly tryAllRungs: () => Promise<void>;
  /** Tries again what failed. */
  readonly retry: () => Promise<void>;
  /** Stops a preparation or a load. */
  readonly cancel: () => void;
  /** Puts a failure away. */
  readonly dismiss: () => void;
  readonly remove: (id: ModelId) => Promise<void>;
  /** Frees the room of one form. It is built again when it is needed. */
  readonly removeForm: (id: ModelId, target: Target) => Promise<void>;
  /** Waits for a load, or loads what failed, so that a question can be asked; says whether a model is ready now. */
  readonly wake: () => Promise<boolean>;
}

const LAST_MODEL = 'offgrid.last-model';

export function createModels(
  needs: Dependencies,
  session: Session,
  room: RoomState,
  { ladder, preparer }: Pick<DescendNeeds, 'ladder' | 'preparer'>,
): Models {
  const shelf = signal<Shelf>({ type: 'unknown' });
  const served = signal<readonly ServedFile[]>([]);
  const arrival = signal<Arrival>({ type: 'none' });
  let preparing: AbortController | null = null;
  /** The load or preparation that runs, for those who wait for a model. */
  let underWay: Promise<void> = Promise.resolve();

  async function refresh(): Promise<void> {
    try {
      shelf.value = { type: 'listed', models: await needs.store.list() };
    } catch (thrown) {
      shelf.value = { type: 'failed', error: asAppError(thrown) };
    }
  }

  async function start(): Promise<void> {
    const listing = refresh();
    void ladder.look();
    void needs.listServedFiles().then((files) => (served.value = files));
    await listing;
    if (shelf.value.type !== 'listed') return;
    const lastId = needs.notes.read(LAST_MODEL);
    const { models } = shelf.value;
    const model = models.find(({ id }) => id === lastId) ?? models[0];
    if (model !== undefined) await open(model);
  }

  /** Brings a model here and loads it. One at a time: a second call changes nothing. */
  function bring(source: ModelSource): Promise<void> {
    if (arrival.value.type === 'preparing') return Promise.resolve();
    return keepUnderWay(prepareAndLoad(source));
  }

  async function prepareAndLoad(source: ModelSource): Promise<void> {
    const work = new AbortController();
    preparing = work;
    const title = titleOf(source, shelf.value);
    let progress = beginProgress(source.type);
    const show = () => {
      const isStopping = work.signal.aborted;
      arrival.value = { type: 'preparing', title, phases: progress.phases, isStopping };
    };
    work.signal.addEventListener('abort', show);
    show();
    try {
      const outcome = await preparer.prepare(
        source,
        (event) => {
          progress = advance(progress, event);
          show();
        },
        work.signal,
      );
      await refresh();
      arrival.value = { type: 'none' };
      if (outcome.type === 'ready') await load(outcome.model, finishPreparing(progress));
    } catch (thrown) {
      await refresh();
      arrival.value = { type: 'failed', title, source, error: asAppError(thrown) };
    } finally {
      work.signal.removeEventListener('abort', show);
      preparing = null;
    }
  }

  async function load(model: StoredModel, arrived: readonly PhaseProgress[]) {
    const outcome = await session.load(model, arrived);
    if (outcome.type === 'ready') {
      needs.notes.write(LAST_MODEL, model.id);
      if (outcome.model !== model) await refresh(); // another form was built on the way
    }
    return outcome;
  }

  function open(model: StoredModel): Promise<void> {
    return keepUnderWay(openNow(model));
  }

  async function openNow(model: StoredModel): Promise<void> {
    await ladder.look();
    const needed = TARGET_OF_RUNG[ladder.rungFor(model.id)];
    if (model.forms.some(({ target }) => target === needed)) await loadOrRebuild(model);
    else if (arrival.value.type !== 'preparing') {
      await prepareAndLoad({ type: 'stored', id: model.id }); // what is in memory stays usable meanwhile
    }
  }

  async function loadOrRebuild(model: StoredModel): Promise<void> {
    const outcome = await load(model, []);
    if (outcome.type !== 'failed' || outcome.error.code !== 'compiled-damaged') return;
    if (arrival.value.type === 'preparing') return;
    // Once only: what was just rebuilt and is damaged again is shown as the failure it is.
    await prepareAndLoad({ type: 'stored', id: model.id });
  }

  /** What the person asked for. With a model here, it is worth asking the browser to keep it. */
  async function byPerson(work: Promise<void>): Promise<void> {
    await work;
    if (shelf.value.type !== 'listed' || shelf.value.models.length === 0) return;
    void room.keep(); // a browser that asks the person may wait for long
  }

  function keepUnderWay(work: Promise<void>): Promise<void> {
    underWay = work;
    return work;
  }

  async function reload(): Promise<void> {
    const { value } = session.engine;
    if (value.type !== 'idle') await open(value.model);
  }

  function presentId(): ModelId | null {
    const { value } = session.engine;
    return value.type === 'idle' ? null : value.model.id;
  }

  function chooseRung(rung: Rung | null): void {
    ladder.pin(rung);
    const id = presentId();
    if (id !== null) ladder.forgive(id);
  }

  async function tryAllRungs(): Promise<void> {
    const id = presentId();
    if (id !== null) ladder.forgive(id);
    await reload();
  }

  async function retry(): Promise<void> {
    const failed = arrival.value;
    if (failed.type === 'failed') await bring(failed.source);
    else if (shelf.value.type === 'failed') await start();
    else await reload();
  }

  async function wake(): Promise<boolean> {
    const isComing = session.engine.value.type === 'failed' && arrival.value.type === 'preparing';
    if (isComing || session.engine.value.type === 'loading') await underWay;
    if (session.engine.value.type === 'failed') await reload();
    return session.engine.value.type === 'ready';
  }

  async function remove(id: ModelId): Promise<void> {
    const { value } = session.engine;
    if (value.type !== 'idle' && value.model.id === id) session.unload();
    if (needs.notes.read(LAST_MODEL) === id) needs.notes.write(LAST_MODEL, null);
    try {
      await needs.store.remove(id);
      await refresh();
    } catch (thrown) {
      shelf.value = { type: 'failed', error: asAppError(thrown) };
    }
    await room.look();
  }

  async function removeForm(id: ModelId, target: Target): Promise<void> {
    try {
      await preparer.discard(id, target);
      await refresh();
    } catch (thrown) {
      shelf.value = { type: 'failed', error: asAppError(thrown) };
    }
    await room.look();
  }

  return {
    shelf,
    served,
    arrival,
    catalog: needs.catalog,
    start,
    open: (model) => byPerson(open(model)),
    reload,
    chooseRung,
    tryAllRungs,
    retry: () => byPerson(retry()),
    wake,
    remove,
    removeForm,
    get: (entry) => byPerson(bring({ type: 'catalog', entry })),
    openFile: (file) => byPerson(bring({ type: 'file', file })),
    openServed: ({ url, fileName }) => byPerson(bring({ type: 'served', url, fileName })),
    cancel() {
      preparing?.abort();
      session.cancelLoad();
    },
    dismiss() {
      if (arrival.value.type === 'failed') arrival.value = { type: 'none' };
    },
  };
}

function titleOf(source: ModelSource, shelf: Shelf): string {
  switch (source.type) {
    case 'catalog':
      return source.entry.title;
    case 'served':
      return source.fileName;
    case 'file':
      return source.file.name;
    case 'stored': {
      const models = shelf.type === 'listed' ? shelf.models : [];
      return models.find(({ id }) => id === source.id)?.title ?? source.id.slice(0, 8);
    }
    default:
      return unreachable(source);
  }
}
