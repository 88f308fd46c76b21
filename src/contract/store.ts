import type { DownloadProgress, WantedFile } from './download.ts';
import type { Sampling } from './engine.ts';
import type { ModelId, StoredModel, Target } from './model.ts';

/** All the page may ask of the store worker. */
export interface StoreApi {
  /** What lies on this device, newest first. Removes leftovers of work that died. */
  list(): Promise<readonly StoredModel[]>;

  /**
   * Brings a source into the store, checked, and compiled for `target`. Steps arrive on `events` as `PrepareEvent`s;
   * post 'cancel' there to stop. Cancelling and failing leave nothing half-written behind, but keep a source
   * that was verified already. One at a time: a second is refused with `busy`.
   */
  prepare(source: LocalSource, target: Target, events: MessagePort): Promise<PrepareOutcome>;

  /**
   * Compares every byte of a source with its hash again, and remembers when. Tells of it as `prepare` does of its
   * phase `check`; post 'cancel' to stop.
   */
  verify(id: ModelId, events: MessagePort): Promise<VerifyOutcome>;

  /**
   * The model as one file, for another device: its source as it was published, or a pack with all its forms as well. Tells
   * of it in the phase `read`; post 'cancel' to stop.
   */
  export(id: ModelId, what: ExportKind, events: MessagePort): Promise<ExportOutcome>;

  /** The source with all its forms. */
  remove(id: ModelId): Promise<void>;

  /** The form for one target; the source and other forms stay. Nothing there is fine. */
  removeForm(id: ModelId, target: Target): Promise<void>;
}

export type ModelSource =
  | ChosenSource
  /** The model that comes with the page. */
  | { readonly type: 'guide' };

/** What a person chose. */
export type ChosenSource =
  | LocalSource
  /** From a model host; the hash is known beforehand. */
  | { readonly type: 'catalog'; readonly entry: CatalogEntry }
  /** From this page's own origin: a `.gguf` lying in `models/`. Absolute: a worker does not know where the page is. */
  | { readonly type: 'served'; readonly url: string; readonly fileName: string }
  /** From anywhere the policy of this page allows: named by the person, or begun earlier. */
  | { readonly type: 'download'; readonly file: WantedFile };

/** What is on this device. */
export type LocalSource =
  /** Picked or dropped by the person. */
  | { readonly type: 'file'; readonly file: File }
  /** Already here, the form for the target missing. */
  | { readonly type: 'stored'; readonly id: ModelId };

/** A file of which it is known beforehand what it has to be. */
export interface PinnedFile {
  readonly key: string;
  readonly title: string;
  readonly fileName: string;
  readonly url: string;
  readonly totalBytes: number;
  readonly sha256: ModelId;
  readonly licence: string;
}

/** An official file, in `models/catalog.json`. */
export interface CatalogEntry extends PinnedFile {
  /** Other addresses of the same bytes, the preferred first. */
  readonly mirrors: readonly string[];
  /** What it takes to run it, by what it is prepared for; nothing is claimed of the others. */
  readonly memory: Readonly<Partial<Record<Target, MemoryNeed>>>;
}

export interface MemoryNeed {
  /** The most at any moment, which is while loading. */
  readonly peakBytes: number;
  /** While it answers, with a context of 2,048 tokens (`wasm-int8`) or 4,096. */
  readonly answeringBytes: number;
  /**
   * `computed`: what the compiler or the engine's memory map says of the model's shape, and what the page took beside
   * where it was measured. `scaled`: of the measured need of a smaller model of the family, by the number of weights.
   */
  readonly basis: 'measured' | 'computed' | 'scaled';
}

/** The model that comes with the page. Its `url` is of this origin. */
export interface GuideEntry extends PinnedFile {
  /** How its tokens are best chosen. */
  readonly sampling: Omit<Sampling, 'seed'>;
}

/** `wait`: another tab prepares a model, and the store takes one at a time. `measure`: the compiled weights are run on the CPU, for a GPU to be compared with. It counts no bytes. */
export type PreparePhase = 'wait' | 'download' | 'read' | 'check' | 'compile' | 'measure';

/** Phases come in order; each has at least one event, its last with `doneBytes === totalBytes`. */
export interface PrepareEvent {
  readonly type: 'progress';
  readonly phase: PreparePhase;
  readonly doneBytes: number;
  /** Null when the sender does not say how much will come. */
  readonly totalBytes: number | null;
  /** Since this phase began. */
  readonly elapsedMs: number;
  /** More about a download from a host. */
  readonly transfer?: DownloadProgress;
}

export type PrepareOutcome =
  | {
      readonly type: 'ready';
      readonly model: StoredModel;
      readonly phases: readonly { readonly phase: PreparePhase; readonly elapsedMs: number }[];
    }
  | { readonly type: 'cancelled' }
  /** Of a download: what came is kept, and the next attempt goes on from there. */
  | { readonly type: 'paused' };

/** `source`: a `.gguf`. `pack`: see src/store/pack/pack-format.ts. */
export type ExportKind = 'source' | 'pack';

export type ExportOutcome =
  /** @property file reads from the store, and fails once the model was deleted there */
  | { readonly type: 'exported'; readonly file: Blob; readonly fileName: string }
  | { readonly type: 'cancelled' };

export type VerifyOutcome =
  | { readonly type: 'sound'; readonly model: StoredModel }
  /** @property damagedBytes what has to be fetched again; null where that cannot be told */
  | { readonly type: 'damaged'; readonly damagedBytes: number | null }
  | { readonly type: 'cancelled' };
