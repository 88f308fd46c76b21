import { PAUSE } from '../../src/client/download-client.ts';
import type {
  DownloadKey,
  DownloadOutcome,
  RepositoryFile,
  UnfinishedDownload,
  WantedFile,
} from '../../src/contract/download.ts';
import type { AppError } from '../../src/contract/errors.ts';
import {
  toModelId,
  type ModelId,
  type StoredForm,
  type StoredModel,
  type Target,
} from '../../src/contract/model.ts';
import type {
  CatalogEntry,
  ExportKind,
  ExportOutcome,
  GuideEntry,
  ModelSource,
  PrepareEvent,
  PrepareOutcome,
  PreparePhase,
  VerifyOutcome,
} from '../../src/contract/store.ts';
import { unreachable } from '../../src/lib/assert.ts';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';
import type { ModelStore } from '../../src/state/dependencies.ts';

export interface FakeStoreScript {
  /** Thrown by the next `list`, once. */
  failNextList: AppError | null;
  /** Thrown by the next preparation in the middle of this phase, once. */
  failNextPrepare: { readonly error: AppError; readonly during: PreparePhase } | null;
  /** Thrown by every preparation for these targets, once it compiles. */
  failTargets: Partial<Record<Target, AppError>>;
  /** Of the models, those that are not what their hash says. */
  damaged: readonly ModelId[];
  /** Thrown by the next `repair`, `verify` or `discard`, once. */
  failNextUpkeep: AppError | null;
  /** Waited for before each event of a preparation. */
  pause: () => Promise<void>;
  /** Events per phase. */
  steps: number;
  /** What the events say a phase takes. */
  phaseMs: number;
}

/** A store in memory: anything given to it becomes a model. */
export class FakeStore implements ModelStore {
  readonly script: FakeStoreScript;
  readonly prepared: ModelSource[] = [];
  /** Of the preparations, in order. */
  readonly targets: Target[] = [];
  /** Files that were brought here, and nothing made of them. */
  readonly downloaded: WantedFile[] = [];
  models: StoredModel[];
  downloads: UnfinishedDownload[] = [];
  /** Files in whichever repository is asked for. */
  repository: readonly RepositoryFile[] = [];

  constructor(models: readonly StoredModel[] = [], script: Partial<FakeStoreScript> = {}) {
    this.models = [...models];
    this.script = {
      failNextList: null,
      failNextPrepare: null,
      failTargets: {},
      damaged: [],
      failNextUpkeep: null,
      pause: yieldToEvents,
      steps: 2,
      phaseMs: 10_000,
      ...script,
    };
  }

  async list(): Promise<readonly StoredModel[]> {
    await yieldToEvents();
    const failure = this.script.failNextList;
    this.script.failNextList = null;
    if (failure !== null) throw failure;
    return [...this.models];
  }

  async prepare(
    source: ModelSource,
    target: Target,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    this.prepared.push(source);
    this.targets.push(target);
    const { steps, phaseMs, failNextPrepare } = this.script;
    const model = withForm(this.#modelOf(source), target);
    for (const phase of PHASES[source.type]) {
      for (let step = 0; step <= steps; step++) {
        await this.script.pause();
        if (signal.aborted && signal.reason === PAUSE) return { type: 'paused' };
        if (signal.aborted) return { type: 'cancelled' };
        if (failNextPrepare?.during === phase && step > 0) {
          this.script.failNextPrepare = null;
          throw failNextPrepare.error;
        }
        const unfit = this.script.failTargets[target];
        if (unfit !== undefined && phase === 'compile' && step > 0) throw unfit;
        onProgress({
          type: 'progress',
          phase,
          doneBytes: Math.round((model.sourceBytes * step) / steps),
          totalBytes: model.sourceBytes,
          elapsedMs: (phaseMs * step) / steps,
        });
      }
    }
    this.models = [model, ...this.models.filter(({ id }) => id !== model.id)];
    const phases = PHASES[source.type].map((phase) => ({ phase, elapsedMs: phaseMs }));
    return { type: 'ready', model, phases };
  }

  async download(
    file: WantedFile,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    this.downloaded.push(file);
    const model = { ...this.#modelOf({ type: 'download', file }), forms: [] };
    const { steps, phaseMs } = this.script;
    for (let step = 0; step <= steps; step++) {
      await this.script.pause();
      if (signal.aborted) return { type: signal.reason === PAUSE ? 'paused' : 'cancelled' };
      const doneBytes = Math.round((model.sourceBytes * step) / steps);
      const elapsedMs = (phaseMs * step) / steps;
      const totalBytes = model.sourceBytes;
      onProgress({ type: 'progress', phase: 'download', doneBytes, totalBytes, elapsedMs });
    }
    this.models = [model, ...this.models.filter(({ id }) => id !== model.id)];
    this.downloads = this.downloads.filter((one) => one.file !== file);
    return { type: 'stored', id: model.id };
  }

  async remove(id: ModelId): Promise<void> {
    await yieldToEvents();
    this.models = this.models.filter((model) => model.id !== id);
  }

  async removeForm(id: ModelId, target: Target): Promise<void> {
    await yieldToEvents();
    this.models = this.models.map((model) =>
      model.id === id
        ? { ...model, forms: model.forms.filter((form) => form.target !== target) }
        : model,
    );
  }

  async verify(
    id: ModelId,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<VerifyOutcome> {
    await this.#tellHalf(id, 'check', onProgress);
    if (signal.aborted) return { type: 'cancelled' };
    if (this.script.damaged.includes(id)) return { type: 'damaged', damagedBytes: 1_048_576 };
    const verifiedAt = '2026-11-25T10:00:00.000Z';
    this.models = this.models.map((model) => (model.id === id ? { ...model, verifiedAt } : model));
    return { type: 'sound', model: this.#modelOf({ type: 'stored', id }) };
  }

  async repair(
    id: ModelId,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome> {
    await this.#tellHalf(id, 'download', onProgress);
    if (signal.aborted) return { type: 'cancelled' };
    this.script.damaged = this.script.damaged.filter((damaged) => damaged !== id);
    return { type: 'stored', id };
  }

  async export(
    id: ModelId,
    what: ExportKind,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<ExportOutcome> {
    await this.#tellHalf(id, 'read', onProgress);
    if (signal.aborted) return { type: 'cancelled' };
    const fileName = what === 'source' ? 'model.gguf' : 'model.offgrid';
    return { type: 'exported', file: new Blob([what]), fileName };
  }

  async unfinished(): Promise<readonly UnfinishedDownload[]> {
    await yieldToEvents();
    return [...this.downloads];
  }

  async listRepository(): Promise<readonly RepositoryFile[]> {
    await this.#failIfTold();
    return this.repository;
  }

  async discard(key: DownloadKey): Promise<void> {
    await this.#failIfTold();
    this.downloads = this.downloads.filter((download) => download.key !== key);
  }

  async #tellHalf(
    id: ModelId,
    phase: PreparePhase,
    onProgress: (event: PrepareEvent) => void,
  ): Promise<void> {
    const { sourceBytes: totalBytes } = this.#modelOf({ type: 'stored', id });
    const doneBytes = totalBytes / 2;
    onProgress({ type: 'progress', phase, doneBytes, totalBytes, elapsedMs: 1000 });
    await this.script.pause();
    await this.#failIfTold();
  }

  async #failIfTold(): Promise<void> {
    await yieldToEvents();
    const failure = this.script.failNextUpkeep;
    this.script.failNextUpkeep = null;
    if (failure !== null) throw failure;
  }

  #modelOf(source: ModelSource): StoredModel {
    switch (source.type) {
      case 'guide':
        return STORED_GUIDE;
      case 'catalog': {
        const { sha256: id, title, fileName, totalBytes } = source.entry;
        const found = this.models.find((model) => model.id === id);
        return found ?? storedModel({ id, title, fileName, sourceBytes: totalBytes, forms: [] });
      }
      case 'served':
        return storedModel({
          id: fakeId('b'),
          title: source.fileName,
          fileName: source.fileName,
          trust: 'recorded',
          forms: [],
        });
      case 'download': {
        const { title, fileName, expected } = source.file;
        return storedModel({
          id: expected?.sha256 ?? fakeId('e'),
          title,
          fileName,
          ...(expected === null ? {} : { sourceBytes: expected.totalBytes }),
          trust: expected === null ? 'recorded' : 'told',
          forms: [],
        });
      }
      case 'file': {
        const { name, size } = source.file;
        return storedModel({
          id: fakeId('c'),
          title: name,
          fileName: name,
          sourceBytes: size,
          trust: 'recorded',
          forms: [],
        });
      }
      case 'stored':
        return this.models.find(({ id }) => id === source.id) ?? storedModel({ id: source.id });
      default:
        return unreachable(source);
    }
  }
}

const PHASES: Record<ModelSource['type'], readonly PreparePhase[]> = {
  guide: ['download', 'check', 'compile'],
  catalog: ['download', 'check', 'compile'],
  served: ['download', 'check', 'compile'],
  download: ['download', 'check', 'compile'],
  file: ['read', 'check', 'compile'],
  stored: ['compile'],
};

export function fakeId(digit: string): ModelId {
  return toModelId(digit.repeat(64));
}

export function fakeForm(id: ModelId, target: Target = 'simd-int8'): StoredForm {
  return { target, folder: `compiled/${id}-${target}`, totalBytes: 494_000_000 };
}

function withForm(model: StoredModel, target: Target): StoredModel {
  const isThere = model.forms.some((form) => form.target === target);
  return isThere ? model : { ...model, forms: [...model.forms, fakeForm(model.id, target)] };
}

/** A stored model with a form for the CPU; `part` says what is special about it. */
export function storedModel(part: Partial<StoredModel> = {}): StoredModel {
  const { id = fakeId('a'), fileName = 'qwen2.5-0.5b-instruct-q4_k_m.gguf' } = part;
  return {
    id,
    title: 'Qwen2.5 0.5B Instruct',
    fileName,
    sourceBytes: 491_400_032,
    trust: 'published',
    origin: { type: 'download', url: `https://models.example/${fileName}` },
    addedAt: '2026-11-22T10:00:00.000Z',
    verifiedAt: '2026-11-22T10:00:00.000Z',
    forms: [fakeForm(id)],
    ...part,
  };
}

export const FAKE_ENTRY: CatalogEntry = {
  key: 'qwen2.5-0.5b-instruct',
  title: 'Qwen2.5 0.5B Instruct',
  fileName: 'qwen2.5-0.5b-instruct-q4_k_m.gguf',
  url: 'https://models.example/qwen2.5-0.5b-instruct-q4_k_m.gguf',
  totalBytes: 491_400_032,
  sha256: toModelId('d'.repeat(64)),
  licence: 'Apache-2.0',
  mirrors: ['https://mirror.example/qwen2.5-0.5b-instruct-q4_k_m.gguf'],
  memory: {
    'wasm-int8': { peakBytes: 1_200_000_000, answeringBytes: 853_000_000, basis: 'measured' },
  },
};

export const FAKE_GUIDE: GuideEntry = {
  key: 'guide',
  title: 'Guide',
  fileName: 'guide.gguf',
  url: 'https://page.example/assets/guide.gguf',
  totalBytes: 6_927_808,
  sha256: toModelId('9'.repeat(64)),
  licence: 'Apache-2.0',
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
};

/** The guide as it lies on a device where it has been before. */
export const STORED_GUIDE: StoredModel = storedModel({
  id: FAKE_GUIDE.sha256,
  title: FAKE_GUIDE.title,
  fileName: FAKE_GUIDE.fileName,
  sourceBytes: FAKE_GUIDE.totalBytes,
  origin: { type: 'guide' },
});
