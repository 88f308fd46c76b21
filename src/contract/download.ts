import type { ModelId, Target } from './model.ts';

/** All the page may ask of the download worker: the only part of the program that may reach a host of models. */
export interface DownloadApi {
  /**
   * Brings a file into the store: whole, with the hash it should have, and under its final name only then. Takes up
   * what an earlier attempt left. While it runs, `DownloadProgress` arrives on `events`; post 'pause' there to stop
   * and keep what came, 'cancel' to stop and delete it. One download at a time among all tabs of this origin: a
   * further one waits for its turn, and one for the same file tells of the progress of the tab that has it.
   *
   * Failing keeps what came, unless it cannot be the file.
   */
  download(file: WantedFile, events: MessagePort): Promise<DownloadOutcome>;

  /**
   * Fetches again what is damaged of a file in the store, and nothing else, from wherever the same bytes are to be had.
   * Progress and stopping are as for `download`; stopped or failed, the file is as damaged as it was, or less.
   * @param urls at least one
   */
  repair(id: ModelId, urls: readonly string[], events: MessagePort): Promise<DownloadOutcome>;

  /** What earlier attempts left, here and in other tabs; also what is being downloaded now. */
  unfinished(): Promise<readonly UnfinishedDownload[]>;

  /** Deletes what came of an unfinished download. Refused with `busy` while it runs. */
  discard(key: DownloadKey): Promise<void>;

  /**
   * The models in GGUF form, each one file, of a repository on Hugging Face: smallest first, maybe none.
   * @param repo `owner/name`
   */
  listRepository(repo: string): Promise<readonly RepositoryFile[]>;
}

export interface RepositoryFile {
  /** From the top of the repository. */
  readonly path: string;
  readonly totalBytes: number;
}

declare const downloadKey: unique symbol;
/** What two attempts at the same file have in common, 64 lower-case hex digits: the published hash, or the hash of the address. */
export type DownloadKey = string & { readonly [downloadKey]: 'DownloadKey' };

/** A file to be had from a host. */
export interface WantedFile {
  /**
   * Whose file it is. A host of models is told nothing, and the browser keeps no copy. A file of this page is asked
   * for whole and as its scripts are, so that one copy serves the store and the service worker.
   */
  readonly of: 'host' | 'page';
  readonly title: string;
  readonly fileName: string;
  /** Where the same bytes are to be had, at least one, the preferred first. Absolute. */
  readonly urls: readonly string[];
  /** What the file has to be; null where nobody published it. Without it, only the first address counts. */
  readonly expected: ExpectedFile | null;
  /** What it will be prepared for: room is asked for that as well. */
  readonly target?: Target;
}

export interface ExpectedFile {
  readonly totalBytes: number;
  readonly sha256: ModelId;
  /** `catalog`: pinned by this project. `host`: told by the host of the file itself. */
  readonly vouchedBy: 'catalog' | 'host';
}

export interface DownloadProgress {
  readonly type: 'progress';
  /** Bytes of the file that are here. */
  readonly doneBytes: number;
  /** Null while nobody said how much will come. */
  readonly totalBytes: number | null;
  /** Over the last seconds, from the network; null while there is too little to go by. */
  readonly bytesPerSecond: number | null;
  /** Estimate by that speed; null where there is none. */
  readonly leftMs: number | null;
  /** Ranges that are being fetched at the same time. */
  readonly connections: number;
  /** Host that is asked now, without scheme. */
  readonly host: string;
  /** Why nothing moves; null while something does. */
  readonly wait: DownloadWait | null;
}

export interface DownloadWait {
  /**
   * `offline`: this device has no network. `asked-to`: the host asked for patience. `trouble`: the host or the way to
   * it failed, and is tried again. `other-download`: another tab downloads another file.
   */
  readonly reason: 'offline' | 'asked-to' | 'trouble' | 'other-download';
  /** How long it will take; null where nobody knows. */
  readonly waitMs: number | null;
}

export type DownloadOutcome =
  /** Lies in the store, verified. */
  | { readonly type: 'stored'; readonly id: ModelId }
  | { readonly type: 'paused' }
  | { readonly type: 'cancelled' };

export interface UnfinishedDownload {
  readonly key: DownloadKey;
  readonly file: WantedFile;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
  /** The person paused it: it does not go on by itself. */
  readonly isPaused: boolean;
}

/** What the tabs of this origin tell each other about the one download that runs, on a `BroadcastChannel` of this name. */
export const DOWNLOADS_CHANNEL = 'downloads';

export type DownloadAnnouncement =
  | { readonly type: 'progress'; readonly key: DownloadKey; readonly progress: DownloadProgress }
  | { readonly type: 'stored'; readonly key: DownloadKey; readonly id: ModelId }
  /** From the tab where the person pressed it to all others: it is meant for each that has part in it. */
  | { readonly type: 'stop'; readonly key: DownloadKey; readonly intent: StopIntent };

/** What a person presses. */
export type StopIntent = 'paused' | 'cancelled';
