import type { GenerateRequest, LoadedModel, LoadEvent, LoadOptions } from '../contract/engine.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { ModelId, StoredModel, Target } from '../contract/model.ts';
import type { ReadPolicy, RequestRecord, WayOutTried } from '../contract/requests.ts';
import type { Capability } from '../contract/rungs.ts';
import type { PageCopy } from '../contract/service-worker.ts';
import type { PolicyFile } from './policy/policy.ts';
import type { ConversationStore } from '../storage/conversation-store.ts';
import type {
  DownloadAnnouncement,
  DownloadKey,
  DownloadOutcome,
  RepositoryFile,
  UnfinishedDownload,
  WantedFile,
} from '../contract/download.ts';
import type {
  CatalogEntry,
  ExportKind,
  ExportOutcome,
  GuideEntry,
  ModelSource,
  PrepareEvent,
  PrepareOutcome,
  VerifyOutcome,
} from '../contract/store.ts';

export type { ConversationStore } from '../storage/conversation-store.ts';

/**
 * What the state needs of the world. The composition root gives the real things, tests and the
 * screenshot page give fakes (test/support).
 */
export interface Dependencies {
  readonly engine: Engine;
  readonly store: ModelStore;
  readonly conversations: ConversationStore;
  readonly notes: Notes;
  /** Of this tab: they outlive a reload and a crash of it, and end with it. */
  readonly tabNotes: Notes;
  readonly clock: Clock;
  readonly room: Room;
  readonly presence: Presence;
  readonly marks: Marks;
  readonly page: KeptPage;
  readonly witness: Witness;
  readonly versions: Versions;
  /** Models that one press of a button fetches; the first is the one offered. */
  readonly catalog: readonly CatalogEntry[];
  /** The model that comes with the page. */
  readonly guide: GuideEntry;
  /** WASM threads the engine may use. */
  readonly threads: number;
  /** Of this device, as the browser tells it: rounded and capped. Null where it does not. */
  readonly memoryBytes: number | null;
  /** Address of this page. */
  readonly pageUrl: string;
  /** Calls `hear` with what any tab tells of its download, this one included. */
  watchDownloads(hear: (announcement: DownloadAnnouncement) => void): void;
  /** Files in `models/` of the host that serves this page; empty when it says nothing about them. */
  listServedFiles(): Promise<readonly ServedFile[]>;
  /** What the host has for a policy; see state/policy. Never rejects. */
  readPolicyFile(): Promise<PolicyFile>;
  /** A fresh unsigned 32-bit number. */
  randomSeed(): number;
  /** A name that nothing else has, here or elsewhere. */
  newId(): string;
  /** Bytes the whole page uses, workers included; null where the browser does not tell. */
  measureMemory(): Promise<number | null>;
}

/** The page's side of the inference worker, replaced by itself when it dies. */
export interface Engine {
  /** What this browser offers. Rejects when no worker could be asked. */
  probe(): Promise<Capability>;
  /** Replaces whatever was loaded. Null when `signal` was aborted. */
  load(
    folder: string,
    options: LoadOptions,
    onProgress: (event: LoadEvent) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel | null>;
  /** Ends with one `end` event or throws an `AppError`; aborting `signal` ends it with reason `cancelled`. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>;
  /** Tries to reach a host beyond this page from within the worker. */
  tryWaysOut(): Promise<readonly WayOutTried[]>;
  dispose(): void;
}

/** The page's own files on this device. */
export interface KeptPage {
  /** Has what is missing fetched, and looks at every file. Null where nothing keeps them. */
  keep(): Promise<PageCopy | null>;
}

/** Who hears of all requests, and tries what the policy forbids. */
export interface Witness {
  /** Address of the page's folder, with a slash at the end. */
  readonly base: string;
  /** Calls `hear` with all that were made so far, and with each that comes. */
  listen(hear: (records: readonly RequestRecord[]) => void): void;
  readPolicies(): Promise<readonly ReadPolicy[]>;
  /** From within the page. */
  tryWaysOut(): Promise<readonly WayOutTried[]>;
}

/** The page's side of the workers that bring models here and keep them. */
export interface ModelStore {
  list(): Promise<readonly StoredModel[]>;
  /** Aborting `signal` with `PAUSE` for a reason keeps what came of a download. */
  prepare(
    source: ModelSource,
    target: Target,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome>;
  /** Brings a file here and makes nothing of it. */
  download(
    file: WantedFile,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome>;
  remove(id: ModelId): Promise<void>;
  removeForm(id: ModelId, target: Target): Promise<void>;
  verify(
    id: ModelId,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<VerifyOutcome>;
  repair(
    id: ModelId,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<DownloadOutcome>;
  export(
    id: ModelId,
    what: ExportKind,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<ExportOutcome>;
  /** What came of downloads that did not end. */
  unfinished(): Promise<readonly UnfinishedDownload[]>;
  discard(key: DownloadKey): Promise<void>;
  /** See `DownloadApi.listRepository`. */
  listRepository(repo: string): Promise<readonly RepositoryFile[]>;
}

/** Where models lie, as the browser sees it. Nothing here throws: what it does not tell is null. */
export interface Room {
  look(): Promise<RoomFacts>;
  /** Asks the browser not to clear it by itself; some ask the person in turn. Says whether it agreed. */
  askToKeep(): Promise<boolean>;
}

export interface RoomFacts {
  /** False: the browser may clear it when space runs out. */
  readonly isKept: boolean | null;
  readonly usedBytes: number | null;
  /** What the browser would still give this page. */
  readonly leftBytes: number | null;
}

/** This page among the pages of its origin, and whether somebody sees it. */
export interface Presence {
  /** Its name, that no other page ever has. */
  readonly id: string;
  /** Whether the page of this name is still there. */
  isOpen(id: string): Promise<boolean>;
  /** Calls `change` with false when the page is hidden or closed, with true when it comes back. It begins seen. */
  watch(change: (isSeen: boolean) => void): void;
}

/** What a failure of the engine may depend on, beside the device. */
export interface Versions {
  /** As the browser calls itself. */
  readonly browser: string;
  readonly runtime: string;
  readonly compiler: number;
}

/** A few short strings that outlive the tab. Reading and writing never throw: without storage, nothing is remembered. */
export interface Notes {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
}

/**
 * Names that all pages of this browser see. Each lies there from when it is laid until it is lifted, and outlives pages that
 * crash and a browser that is killed. Nothing here throws: without storage, nothing is remembered.
 */
export interface Marks {
  lay(name: string): void;
  lift(name: string): void;
  list(): Promise<readonly string[]>;
}

export interface Clock {
  /** Milliseconds, monotonic. */
  nowMs(): number;
  /** Now, as ISO 8601 in UTC. */
  date(): string;
  /** Calls `tick` again and again until the function it returns is called. */
  every(intervalMs: number, tick: () => void): () => void;
}

/** A `.gguf` lying in `models/` beside the page. */
export interface ServedFile {
  readonly fileName: string;
  /** Relative to the page. */
  readonly url: string;
  /** Null when the host does not say. */
  readonly totalBytes: number | null;
}
