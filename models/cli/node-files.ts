/** `Files` in a plain folder: what the command line keeps models in, and what tests without a browser run on. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../src/contract/errors.ts';
import type { ByteSource, SyncByteSource } from '../../src/lib/bytes.ts';
import {
  refuseOutside,
  splitPath,
  type FileEntry,
  type Files,
  type NewFile,
} from '../../src/store/files.ts';

/** @param root made when the first file is written */
export function nodeFiles(root: string): Files {
  return new NodeFiles(root);
}

class NodeFiles implements Files {
  readonly #root: string;
  /** Files being written by this process; a folder has no locks of its own. */
  readonly #locked = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  async list(folder: string): Promise<readonly FileEntry[]> {
    try {
      const at = folder === '' ? this.#root : this.#at(folder);
      const entries = await readdir(at, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() || entry.isDirectory())
        .map((entry): FileEntry => ({
          name: entry.name,
          kind: entry.isFile() ? 'file' : 'folder',
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (isAbsence(error)) return [];
      throw asAppError(error, folder);
    }
  }

  async size(path: string): Promise<number | null> {
    try {
      const found = await stat(this.#at(path));
      return found.isFile() ? found.size : null;
    } catch (error) {
      if (isAbsence(error)) return null;
      throw asAppError(error, path);
    }
  }

  async open(path: string): Promise<ByteSource> {
    const totalBytes = await this.size(path);
    if (totalBytes === null) throw new AppError('model-missing', `no file ${path}`);
    return new NodeSource(this.#at(path), path, totalBytes);
  }

  async openSync(path: string): Promise<SyncByteSource> {
    try {
      return new NodeSyncSource(openSync(this.#at(path), 'r'));
    } catch (error) {
      throw asAppError(error, path);
    }
  }

  async create(path: string): Promise<NewFile> {
    const at = this.#at(path);
    this.#refuseLocked(path);
    this.#locked.add(path);
    try {
      await mkdir(dirname(at), { recursive: true });
      return new NodeNewFile(await open(at, 'w'), path, async (isKept) => {
        this.#locked.delete(path);
        if (!isKept) await rm(at, { force: true });
      });
    } catch (error) {
      this.#locked.delete(path);
      throw asAppError(error, path);
    }
  }

  async move(from: string, to: string): Promise<void> {
    this.#refuseLocked(from);
    this.#refuseLocked(to);
    try {
      await mkdir(dirname(this.#at(to)), { recursive: true });
      await rename(this.#at(from), this.#at(to));
    } catch (error) {
      throw asAppError(error, from);
    }
  }

  async remove(path: string): Promise<void> {
    this.#refuseLocked(path);
    try {
      await rm(this.#at(path), { recursive: true, force: true });
    } catch (error) {
      throw asAppError(error, path);
    }
  }

  #at(path: string): string {
    return join(this.#root, ...splitPath(path));
  }

  #refuseLocked(path: string): void {
    for (const locked of this.#locked) {
      if (locked === path || locked.startsWith(`${path}/`)) {
        throw new AppError('model-in-use', `${locked} is being written`);
      }
    }
  }
}

/** Opens the file for each read, so that nobody has to close it. */
class NodeSource implements ByteSource {
  readonly totalBytes: number;
  readonly #at: string;
  readonly #path: string;

  constructor(at: string, path: string, totalBytes: number) {
    this.#at = at;
    this.#path = path;
    this.totalBytes = totalBytes;
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    refuseOutside(offset, length, this.totalBytes);
    const bytes = new Uint8Array(length);
    try {
      const file = await open(this.#at, 'r');
      try {
        for (let done = 0; done < length;) {
          const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
          if (bytesRead === 0) throw new AppError('model-missing', `${this.#path} was cut`);
          done += bytesRead;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      throw asAppError(error, this.#path);
    }
    return bytes;
  }
}

class NodeSyncSource implements SyncByteSource {
  readonly totalBytes: number;
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
    this.totalBytes = fstatSync(file).size;
  }

  readInto(offset: number, target: Uint8Array): void {
    refuseOutside(offset, target.byteLength, this.totalBytes);
    for (let done = 0; done < target.byteLength;) {
      const read = readSync(this.#file, target, done, target.byteLength - done, offset + done);
      if (read === 0) throw new Error(`the file ended at ${offset + done}`);
      done += read;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

class NodeNewFile implements NewFile {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #release: (isKept: boolean) => Promise<void>;
  #state: 'open' | 'failed' | 'ended' = 'open';

  constructor(file: FileHandle, path: string, release: (isKept: boolean) => Promise<void>) {
    this.#file = file;
    this.#path = path;
    this.#release = release;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw new Error(`${this.#path} is closed`);
    try {
      for (let done = 0; done < bytes.byteLength;) {
        done += (await this.#file.write(bytes, done)).bytesWritten;
      }
    } catch (error) {
      throw asAppError(error, this.#path);
    }
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    try {
      await this.#file.sync();
    } catch (error) {
      throw asAppError(error, this.#path);
    } finally {
      await this.#file.close();
    }
    this.#state = 'ended';
    await this.#release(true);
  }

  async abort(): Promise<void> {
    if (this.#state === 'ended') return;
    if (this.#state === 'open') await this.#file.close();
    this.#state = 'ended';
    await this.#release(false);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** `ENOTDIR`: a part of the path is a file. */
function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function asAppError(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AppError('storage-full', `no room for ${path}`, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
      return new AppError('model-missing', `no file ${path}`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError('storage-unavailable', `${path} cannot be reached`, { cause: error });
    default:
      return error;
  }
}
