/**
 * Files of this program on this device, whatever keeps them: OPFS in a browser, a folder in Node, memory in
 * tests. The suite in test/contract/files.ts says what the promises below mean.
 *
 * Paths are relative, their parts joined by `/`: letters, digits, `.`, `_` and `-`, never `.` or `..`. Folders
 * come into being with the first file in them; whether an empty one is listed is up to the implementation.
 *
 * Expected failures, all `AppError`: `storage-full` (no room), `storage-unavailable` (no place to keep files at
 * all), `model-missing` (no such file), `model-in-use` (open for writing, or for reading on platforms that lock).
 */
import type { ByteSink, ByteSource, SyncByteSource } from '../lib/bytes.ts';

export interface Files {
  /** What lies directly in a folder, sorted by name; empty when there is no such folder. `''` is the root. */
  list(folder: string): Promise<readonly FileEntry[]>;

  /** Bytes of a file; null when there is none (a folder is none). */
  size(path: string): Promise<number | null>;

  /** For reading. Holds no lock; a read fails once the file was removed or replaced. */
  open(path: string): Promise<ByteSource>;

  /** For reading while WASM is on the stack. May lock the file against writers and removal until closed. */
  openSync(path: string): Promise<SyncByteSource>;

  /**
   * A new file, empty, in place of one that may be there. Locked until closed or aborted. It shows under its name
   * at once, so give it a name that says `.part`, and `move` it when it is whole.
   */
  create(path: string): Promise<NewFile>;

  /** Renames a file, in place of one that may be there. Atomic: no moment at which `to` is half there. */
  move(from: string, to: string): Promise<void>;

  /** Removes a file, or a folder with all in it. Nothing there is fine. */
  remove(path: string): Promise<void>;
}

/** `Files` that other threads and the browser itself can be given, without anybody reading them. */
export interface SharableFiles extends Files {
  /** The file as it is now. Reading fails once it was removed or replaced. */
  blob(path: string): Promise<Blob>;
}

/** `Files` that can also write in the middle of a file: what a download that may be taken up again needs. */
export interface EditableFiles extends Files {
  /** A file to read and write anywhere, empty if it is new. Locked until closed, as by `create`. */
  edit(path: string): Promise<EditableFile>;
}

export interface EditableFile {
  /** Of the file as it is now. */
  readonly totalBytes: number;
  /** Fills `target` from `offset`; rejects with a `RangeError` when the range passes the end. */
  readInto(offset: number, target: Uint8Array): Promise<void>;
  /** Beyond the end, the gap is filled with zeros. Must not keep `bytes` after its promise resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Cuts the file, or fills it up with zeros; refused with `storage-full` where there is no room for them. */
  resize(totalBytes: number): Promise<void>;
  /** Resolves when the bytes are with the disk, as far as the platform can promise that. */
  flush(): Promise<void>;
  /** Unlocks the file. A second close does nothing. */
  close(): Promise<void>;
}

export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** A file as it is written. After a `close` that succeeded, and after `abort`, both do nothing and `write` rejects. */
export interface NewFile extends ByteSink {
  /** Resolves when the bytes are with the disk, as far as the platform can promise that. */
  close(): Promise<void>;
  /** Unlocks and removes the file, also one whose `close` failed. */
  abort(): Promise<void>;
}

/** The parts of a path; throws a plain `Error` for one that is not as described above: a bug, not bad input. */
export function splitPath(path: string): readonly string[] {
  const parts = path.split('/');
  for (const part of parts) {
    if (!/^[\w.-]+$/.test(part) || part === '.' || part === '..') {
      throw new Error(`not a path in the store: ${JSON.stringify(path)}`);
    }
  }
  return parts;
}

/** Throws the `RangeError` of a read that passes the end of what is `totalBytes` long. */
export function refuseOutside(offset: number, length: number, totalBytes: number): void {
  if (offset < 0 || length < 0 || offset + length > totalBytes) {
    throw new RangeError(`${length} bytes at ${offset} of a file of ${totalBytes}`);
  }
}

/** Reads a file whole: for records of a few kilobytes. Null when there is none. */
export async function readWhole(files: Files, path: string): Promise<Uint8Array | null> {
  if ((await files.size(path)) === null) return null;
  const source = await files.open(path);
  return source.read(0, source.totalBytes);
}

/** Writes a small file so that it is either there whole or not at all. */
export async function writeWhole(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  const file = await files.create(part);
  try {
    await file.write(bytes);
    await file.close();
  } catch (error) {
    await file.abort();
    throw error;
  }
  await files.move(part, path);
}
