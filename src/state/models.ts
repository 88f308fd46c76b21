import { signal, type ReadonlySignal } from '@preact/signals-core';
import { PAUSE } from '../client/download-client.ts';
import type { RepositoryFile, UnfinishedDownload } from '../contract/download.ts';
import type { AppError, ErrorCode } from '../contract/errors.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import { TARGET_OF_RUNG, type Rung } from '../contract/rungs.ts';
import type { CatalogEntry, ChosenSource } from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import { createArrival, type Arrival } from './arrival.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies, ServedFile } from './dependencies.ts';
import type { DescendNeeds } from './descend.ts';
import { followDownloads } from './follow-downloads.ts';
import { createGuide, type Guide } from './guide.ts';
import { fileInRepository, parseModelAddress, type ModelAddress } from './model-address.ts';
import { beginDownload, beginProgress, type PhaseProgress } from './prepare-progress.ts';
import type { RoomState } from './room.ts';
import type { Session } from './session.ts';
import { createUnfinished, type Unfinished } from './unfinished.ts';
import { createUpkeep, type UpkeepState } from './upkeep.ts';

/** What is known of the models on this device, the guide left aside. */
export type Shelf =
  | { readonly type: 'unknown' }
  | { readonly type: 'listed'; readonly models: readonly StoredModel[] }
  | { readonly type: 'failed'; readonly error: AppError };

export interface Models {
  readonly shelf: ReadonlySignal<Shelf>;
  readonly served: ReadonlySignal<readonly ServedFile[]>;
  readonly arrival: ReadonlySignal<Arrival>;
  readonly catalog: readonly CatalogEntry[];
  /** The model that comes with the page. */
  readonly guide: Pick<Guide, 'entry' | 'state' | 'answers'>;
  readonly unfinished: Pick<Unfinished, 'list' | 'failure' | 'discard'>;
  /** Checks and repairs of what lies here. */
  readonly upkeep: UpkeepState;
  /** Looks what is here and loads the model that was used last; the guide where there is none. */
  readonly start: () => Promise<void>;
  readonly get: (entry: CatalogEntry) => Promise<void>;
  readonly openFile: (file: File) => Promise<void>;
  readonly openServed: (file: ServedFile) => Promise<void>;
  /** Fetches what the person named, unless it is wrong, or a repository in which a file has to be chosen. */
  readonly getAddress: (text: string) => Exclude<ModelAddress, { type: 'file' }> | null;
  /** Models in a repository on Hugging Face. Throws `AppError` where that cannot be told. */
  readonly listRepository: (repo: string) => Promise<readonly RepositoryFile[]>;
  /** Fetches one of them. */
  readonly getFromRepository: (repo: string, file: RepositoryFile) => void;
  /** Goes on with a download from where it was. */
  readonly resume: (download: UnfinishedDownload) => Promise<void>;
  /** Loads a model that is here; the form it is to run in is rebuilt when it is missing or damaged. */
  readonly open: (model: StoredModel) => Promise<void>;
  readonly openGuide: () => Promise<void>;
  /** Loads the present model again, with the settings of now. */
  readonly reload: () => Promise<void>;
  /** Loads the model in memory once more, from the beginning, in a worker of its own. */
  readonly loadAnew: () => Promise<void>;
  /** Where models are to run from the next load on; null: wherever is best. What failed there before may try again. */
  readonly chooseRung: (rung: Rung | null) => void;
  /** Loads the present model again, as if no rung had ever failed. */
  readonly tryAllRungs: () => Promise<void>;
  /** Tries again what failed. */
  readonly retry: () => Promise<void>;
  /** Stops the preparation that is shown, else a load. What came of a download is deleted. */
  readonly cancel: () => void;
  /** Stops the download that runs and keeps what came. */
  readonly pause: () => void;
  /** Puts a failure away. */
  readonly dismiss: () => void;
  readonly remove: (id: ModelId) => Promise<void>;
  /** Frees the room of one form. It is built again when it is needed. */
  readonly removeForm: (id: ModelId, target: Target) => Promise<void>;
  /**
   * Waits for a load, or loads what failed, so that a question can be asked; says whether a model is ready now.
   * Throws the `AppError` that kept it from being so.
   */
  readonly wake: () => Promise<boolean>;
}

const LAST_MODEL = 'offgrid.last-model';

/** What was prepared, or the file that it was made from: both can be made good. */
const IS_DAMAGED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'compiled-damaged',
  'model-changed',
]);

export function createModels(
  needs: Dependencies,
  session: Session,
  room: RoomState,
  { ladder, preparer }: Pick<DescendNeeds, 'ladder' | 'preparer'>,
): Models {
  const shelf = signal<Shelf>({ type: 'unknown' });
  const served = signal<readonly ServedFile[]>([]);
  const guideId = needs.guide.sha256;
  const unfinished = createUnfinished(needs.store);
  const upkeep = createUpkeep(needs.store, refresh);
  const arrival = createArrival(() => Promise.all([refresh(), unfinished.look()]));
  followDownloads(needs, {
    isFree: () => arrival.current.value.type === 'none',
    unfinished,
    follow,
  });
  let storedGuide: StoredModel | null = null;
  let starting: Promise<void> = Promise.resolve();
  /** The load or preparation that runs, for those who wait for a model. */
  let underWay: Promise<void> = Promise.resolve();

  const guide = createGuide({
    entry: needs.guide,
    session,
    stored: () => storedGuide,
    distrust,
    async prepare(onProgress) {
      const uncancelled = new AbortController().signal;
      const outcome = await preparer.prepare({ type: 'guide' }, onProgress, uncancelled);
      if (outcome.type === 'ready') storedGuide = outcome.model;
      return outcome;
    },
  });

  async function refresh(): Promise<void> {
    try {
      const listed = await needs.store.list();
      storedGuide = listed.find(({ id }) => id === guideId) ?? null;
      shelf.value = { type: 'listed', models: listed.filter(({ id }) => id !== guideId) };
    } catch (thrown) {
      shelf.value = { type: 'failed', error: asAppError(thrown) };
    }
  }

  function start(): Promise<void> {
    starting = startNow();
    return starting;
  }

  async function startNow(): Promise<void> {
    void ladder.look();
    const lastId = needs.notes.read(LAST_MODEL);
    if (lastId === null || lastId === guideId) guide.announce();
    void needs.listServedFiles().then((files) => (served.value = files));
    void unfinished.look();
    await refresh();
    const models = shelf.value.type === 'listed' ? shelf.value.models : [];
    const model = models.find(({ id }) => id === lastId) ?? models[0];
    if (shelf.value.type === 'listed' && (model === undefined || lastId === guideId)) {
      await guide.bring();
      return;
    }
    guide.rest();
    if (model !== undefined) await open(model);
  }

  /** With nothing in memory, the guide takes the word. */
  async function fallBack(): Promise<void> {
    if (session.engine.value.type === 'idle') await guide.bring();
  }

  /** Brings a model here and loads it. One at a time: a second call changes nothing. */
  function bring(source: ChosenSource): Promise<void> {
    if (arrival.current.value.type === 'preparing') return Promise.resolve();
    return keepUnderWay(prepareAndLoad(source));
  }

  async function prepareAndLoad(source: ChosenSource): Promise<void> {
    const work = new AbortController();
    const title = titleOf(source, shelf.value);
    const expected = beginProgress(source.type);
    const arrived = await arrival.show({ source, title, expected, work }, async (onProgress) => {
      // The store takes one at a time, and the guide is usable long before a large one.
      if (session.engine.value.type === 'idle') await guide.bring();
      return preparer.prepare(source, onProgress, work.signal);
    });
    if (arrived?.outcome.type === 'ready') await load(arrived.outcome.model, arrived.phases);
  }

  /** Shows a download of another tab as it comes, and what it brought. Nothing is loaded for it: nobody asked here. */
  async function follow({ file }: UnfinishedDownload, work: AbortController): Promise<void> {
    const source = { type: 'download', file } as const;
    const expected = beginDownload();
    await arrival.show({ source, title: file.title, expected, work }, (onProgress) =>
      needs.store.download(file, onProgress, work.signal),
    );
  }

  async function load(model: StoredModel, arrived: readonly PhaseProgress[]) {
    const outcome = await session.load(model, arrived);
    if (outcome.type === 'ready') {
      needs.notes.write(LAST_MODEL, model.id);
      if (outcome.model !== model) await refresh(); // another form was built on the way
    }
    if (outcome.type === 'cancelled') await fallBack();
    return outcome;
  }

  async function openGuide(): Promise<void> {
    await guide.bring();
    const { value } = session.engine;
    if (value.type === 'ready' && value.model.id === guideId) {
      needs.notes.write(LAST_MODEL, guideId);
    }
  }

  function open(model: StoredModel): Promise<void> {
    if (model.id === guideId) return guide.bring();
    return keepUnderWay(openNow(model));
  }

  async function openNow(model: StoredModel): Promise<void> {
    await ladder.look();
    const needed = TARGET_OF_RUNG[ladder.rungFor(model.id)];
    if (model.forms.some(({ target }) => target === needed)) await loadOrRebuild(model);
    else if (arrival.current.value.type !== 'preparing') {
      await prepareAndLoad({ type: 'stored', id: model.id }); // what is in memory stays usable meanwhile
    }
  }

  async function loadOrRebuild(model: StoredModel): Promise<void> {
    const outcome = await load(model, []);
    if (outcome.type !== 'failed' || !IS_DAMAGED.has(outcome.error.code)) return;
    if (arrival.current.value.type === 'preparing') return;
    if (outcome.error.code === 'model-changed') await distrust(model);
    // Once only: what was just rebuilt and is damaged again is shown as the failure it is.
    await prepareAndLoad({ type: 'stored', id: model.id });
  }

  /** Without the form that reads the source itself, the source is checked whole, and repaired where it can be, before anything is made of it. */
  function distrust({ id }: StoredModel): Promise<void> {
    return preparer.discard(id, 'simd-int8');
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

  async function loadAnew(): Promise<void> {
    const { value } = session.engine;
    if (value.type === 'ready') await keepUnderWay(loadOnly(value.model));
  }

  async function loadOnly(model: StoredModel): Promise<void> {
    await session.load(model);
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
    const failed = arrival.current.value;
    if (failed.type === 'failed') await bring(failed.source);
    else if (shelf.value.type === 'failed') await start();
    else if (guide.state.value.type === 'failed') await guide.bring();
    else await reload();
  }

  async function wake(): Promise<boolean> {
    await starting;
    if (guide.state.value.type === 'coming') await guide.bring();
    const isComing =
      session.engine.value.type === 'failed' && arrival.current.value.type === 'preparing';
    if (isComing || session.engine.value.type === 'loading') await underWay;
    await session.rest(); // what is measured is on its way out
    if (session.engine.value.type === 'failed') await reload();
    const { value } = session.engine;
    if (value.type === 'ready') return true;
    for (const state of [value, guide.state.value, shelf.value]) {
      if (state.type === 'failed') throw state.error;
    }
    return false;
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
    await Promise.all([fallBack(), room.look()]);
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

  function getAddress(text: string) {
    return getFile(parseModelAddress(text, needs.pageUrl));
  }

  function getFile(address: ModelAddress) {
    if (address.type !== 'file') return address;
    void byPerson(bring({ type: 'download', file: address.file }));
    return null;
  }

  return {
    shelf,
    served,
    arrival: arrival.current,
    catalog: needs.catalog,
    guide,
    unfinished,
    upkeep,
    start,
    open: (model) => byPerson(open(model)),
    openGuide,
    reload,
    loadAnew,
    chooseRung,
    tryAllRungs,
    retry: () => byPerson(retry()),
    wake,
    remove,
    removeForm,
    get: (entry) => byPerson(bring({ type: 'catalog', entry })),
    openFile: (file) => byPerson(bring({ type: 'file', file })),
    openServed: ({ url, fileName }) => byPerson(bring({ type: 'served', url, fileName })),
    getAddress,
    listRepository: (repo) => needs.store.listRepository(repo),
    getFromRepository: (repo, { path }) => void getFile(fileInRepository(repo, path)),
    resume: ({ file }) => byPerson(bring({ type: 'download', file })),
    pause: () => arrival.stop(PAUSE),
    cancel() {
      if (arrival.current.value.type === 'preparing') arrival.stop();
      else session.cancelLoad();
    },
    dismiss: arrival.dismiss,
  };
}

function titleOf(source: ChosenSource, shelf: Shelf): string {
  switch (source.type) {
    case 'catalog':
      return source.entry.title;
    case 'served':
      return source.fileName;
    case 'download':
      return source.file.title;
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
