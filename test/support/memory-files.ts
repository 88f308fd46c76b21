/**
 * `EditableFiles` in memory: fast, strict about locks, and able to run out of room. Passes the same suite as the real ones.
 */
import { AppError } from '../../src/contract/errors.ts';
import type { ByteSource, SyncByteSource } from '../../src/lib/bytes.ts';
import {
  refuseOutside,
  splitPath,
  type EditableFile,
  type EditableFiles,
  type FileEntry,
  type NewFile,
  type SharableFiles,
} from '../../src/store/files.ts';

export class MemoryFiles implements EditableFiles, SharableFiles {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #writing = new Set<string>();
  readonly #reading = new Map<string, number>();
  /** Bytes all files together may have. */
  quotaBytes = Infinity;

  // What a test wants to know or do behind the program's back.

  /** Every file that exists, sorted. */
  get paths(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  get usedBytes(): number {
    return [...this.#files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);
  }

  /** Puts a file there as if somebody else had. */
  put(path: string, bytes: Uint8Array | string): void {
    const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.#files.set(path, Uint8Array.from(content));
  }

  /** What a tab that died leaves: the bytes written so far, and no lock. */
  loseLocks(): void {
    this.#writing.clear();
    this.#reading.clear();
  }

  // Files

  async list(folder: string): Promise<readonly FileEntry[]> {
    const prefix = folder === '' ? '' : `${splitPath(folder).join('/')}/`;
    const kinds = new Map<string, FileEntry['kind']>();
    for (const path of this.#files.keys()) {
      if (!path.startsWith(prefix)) continue;
      const [name = '', ...deeper] = path.slice(prefix.length).split('/');
      kinds.set(name, deeper.length > 0 ? 'folder' : 'file');
    }
    return [...kinds]
      .map(([name, kind]) => ({ name, kind }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async size(path: string): Promise<number | null> {
    splitPath(path);
    return this.#files.get(path)?.byteLength ?? null;
  }

  async open(path: string): Promise<ByteSource> {
    const bytes = this.#content(path);
    return {
      totalBytes: bytes.byteLength,
      read: async (offset, length) => {
        refuseOutside(offset, length, bytes.byteLength);
        if (this.#files.get(path) !== bytes) throw new AppError('model-missing', `${path} changed`);
        return bytes.slice(offset, offset + length);
      },
    };
  }

  async blob(path: string): Promise<Blob> {
    return new Blob([this.#content(path)]);
  }

  async openSync(path: string): Promise<SyncByteSource> {
    const bytes = this.#content(path);
    if (this.#writing.has(path)) throw new AppError('model-in-use', `${path} is being written`);
    this.#reading.set(path, (this.#reading.get(path) ?? 0) + 1);
    return {
      totalBytes: bytes.byteLength,
      readInto: (offset, target) => {
        refuseOutside(offset, target.byteLength, bytes.byteLength);
        target.set(bytes.subarray(offset, offset + target.byteLength));
      },
      close: () => {
        const others = (this.#reading.get(path) ?? 0) - 1;
        if (others > 0) this.#reading.set(path, others);
        else this.#reading.delete(path);
      },
    };
  }

  async create(path: string): Promise<NewFile> {
    splitPath(path);
    this.#refuseLocked(path);
    this.#writing.add(path);
    let buffer = new Uint8Array(0);
    let length = 0;
    let isOpen = true;
    const show = () => this.#files.set(path, buffer.slice(0, length));
    show();
    return {
      write: async (bytes) => {
        if (!isOpen) throw new Error(`${path} is closed`);
        if (this.usedBytes + bytes.byteLength > this.quotaBytes) {
          throw new AppError('storage-full', `no room for ${path}`);
        }
        if (length + bytes.byteLength > buffer.byteLength) {
          const larger = new Uint8Array(2 * (length + bytes.byteLength));
          larger.set(buffer.subarray(0, length));
          buffer = larger;
        }
        buffer.set(bytes, length);
        length += bytes.byteLength;
        show();
      },
      close: async () => {
        isOpen = false;
        this.#writing.delete(path);
      },
      abort: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.#writing.delete(path);
        this.#files.delete(path);
      },
    };
  }

  async edit(path: string): Promise<EditableFile> {
    splitPath(path);
    this.#refuseLocked(path);
    this.#writing.add(path);
    let buffer = this.#files.get(path) ?? new Uint8Array(0);
    let length = buffer.byteLength;
    const show = () => this.#files.set(path, buffer.subarray(0, length));
    show();
    const grow = (end: number) => {
      if (this.usedBytes + end - length > this.quotaBytes) {
        throw new AppError('storage-full', `no room for ${path}`);
      }
      if (end > buffer.byteLength) {
        const larger = new Uint8Array(2 * end);
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      length = end;
    };
    return {
      get totalBytes() {
        return length;
      },
      readInto: async (offset, target) => {
        refuseOutside(offset, target.byteLength, length);
        target.set(buffer.subarray(offset, offset + target.byteLength));
      },
      write: async (offset, bytes) => {
        grow(Math.max(length, offset + bytes.byteLength));
        buffer.set(bytes, offset);
        show();
      },
      resize: async (totalBytes) => {
        if (totalBytes < length) buffer.fill(0, totalBytes, length);
        else grow(totalBytes);
        length = totalBytes;
        show();
      },
      flush: async () => {},
      close: async () => void this.#writing.delete(path),
    };
  }

  async move(from: string, to: string): Promise<void> {
    splitPath(to);
    const bytes = this.#content(from);
    this.#refuseLocked(from);
    this.#refuseLocked(to);
    this.#files.delete(from);
    this.#files.set(to, bytes);
  }

  async remove(path: string): Promise<void> {
    splitPath(path);
    this.#refuseLocked(path);
    for (const other of this.#files.keys()) {
      if (isWithin(other, path)) this.#files.delete(other);
    }
  }

  #content(path: string): Uint8Array<ArrayBuffer> {
    splitPath(path);
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw new AppError('model-missing', `no file ${path}`);
    return bytes;
  }

  #refuseLocked(path: string): void {
    for (const locked of [...this.#writing, ...this.#reading.keys()]) {
      if (isWithin(locked, path)) throw new AppError('model-in-use', `${locked} is locked`);
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
