/** What the store needs from outside, so that it can be tested without a browser, a network or a compiler. */
import type { CompiledManifest, ModelId, Target } from '../contract/model.ts';
import type { PinnedFile } from '../contract/store.ts';
import type { ByteSink, ByteSource } from '../lib/bytes.ts';
import type { Claim } from './claim.ts';
import type { SharableFiles } from './files.ts';
import type { Measure } from './measure.ts';
import type { Estimate } from './quota.ts';

export interface StoreOptions {
  readonly files: SharableFiles;
  readonly compile: Compile;
  readonly measure: Measure;
  readonly inspect: Inspect;
  /** Folder name for the compiled form of a source: holds source, target and compiler version. */
  readonly compiledName: (id: ModelId, target: Target) => string;
  /** Whose hashes are published. */
  readonly catalog: readonly PinnedFile[];
  /** The model that comes with this version of the page; those of earlier versions are removed. */
  readonly guide: PinnedFile;
  /** Milliseconds since 1970 that never go backwards: `performance.timeOrigin + performance.now()`. */
  readonly now: () => number;
  /** Null where nobody can tell how much room there is. */
  readonly estimate: Estimate | null;
  /** Needed where others write to the same files; without it, this store believes to be alone. */
  readonly claim?: Claim;
}

/** GGUF → files of a compiled model, through `output`. The store writes the manifest, and removes what a failure left. */
export type Compile = (
  source: ByteSource,
  origin: { readonly id: ModelId; readonly fileName: string; readonly totalBytes: number },
  target: Target,
  output: { create(name: string): Promise<ByteSink & { close(): Promise<void> }> },
  hooks: { onProgress(doneBytes: number, totalBytes: number): void; isCancelled(): boolean },
) => Promise<CompiledManifest | 'cancelled'>;

/** Cheap look at a source: throws the `AppError` that says why it cannot be run. */
export type Inspect = (source: ByteSource) => Promise<{ readonly title: string }>;
