/** The page of a test that drives the download worker as it is built, without the rest of the product around it. */
import plainFetchUrl from './plain-fetch.worker.ts?worker&url';
import downloadUrl from '../../../workers/download.worker.ts?worker&url';
import { DownloadClient, PAUSE } from '../../../src/client/download-client.ts';
import { scriptUrl } from '../../../src/client/script-url.ts';
import type {
  DownloadOutcome,
  DownloadProgress,
  UnfinishedDownload,
  WantedFile,
} from '../../../src/contract/download.ts';
import { toWire, type WireError } from '../../../src/contract/errors.ts';

export interface DownloadResult {
  readonly outcome: DownloadOutcome | null;
  readonly error: WireError | null;
}

export interface DownloadsUnderTest {
  /** One download; a second call while it runs is one of another tab's kind and waits. */
  get(file: WantedFile): Promise<DownloadResult>;
  /** Of the download that was begun last. */
  progress(): readonly DownloadProgress[];
  stop(how: 'pause' | 'cancel'): void;
  unfinished(): Promise<readonly UnfinishedDownload[]>;
  /** Fetches a file in a worker, looks at nothing and keeps nothing. Resolves to what that took, in milliseconds. */
  fetchPlainly(url: string): Promise<number>;
  /** What lies in the store under its final name, by folder, with the hash that it has. */
  stored(): Promise<Readonly<Record<string, string>>>;
  /** Turns one bit of a file of the store. */
  flip(path: string, at: number): Promise<void>;
  /** As another tab, or the person, may do it. Returns the name of the error, null where there was none. */
  deleteStore(): Promise<string | null>;
  /** Cancels what runs and leaves nothing. */
  clear(): Promise<void>;
}

declare global {
  interface Window {
    downloads?: DownloadsUnderTest;
  }
}

const client = new DownloadClient(
  () => new Worker(scriptUrl(downloadUrl), { type: 'module', name: 'download' }),
);
let progress: DownloadProgress[] = [];
let stop = new AbortController();
let running: Promise<unknown> = Promise.resolve();

window.downloads = {
  async get(file) {
    progress = [];
    stop = new AbortController();
    try {
      const coming = client.download(file, (step) => progress.push(step), stop.signal);
      running = coming;
      return { outcome: await coming, error: null };
    } catch (error) {
      return { outcome: null, error: toWire(error) };
    }
  },
  progress: () => progress,
  stop: (how) => stop.abort(how === 'pause' ? PAUSE : undefined),
  unfinished: () => client.unfinished(),
  fetchPlainly: (url) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(scriptUrl(plainFetchUrl), { type: 'module' });
      worker.onmessage = ({ data }) => {
        worker.terminate();
        resolve(data as number);
      };
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(url);
    }),
  async stored() {
    const found: Record<string, string> = {};
    const sources = await folderAt('store/sources');
    for await (const [name, handle] of sources?.entries() ?? []) {
      const model = await (handle as FileSystemDirectoryHandle)
        .getFileHandle('model.gguf')
        .catch(() => null);
      if (model !== null) found[name] = await sha256Of(await model.getFile());
    }
    return found;
  },
  async flip(path, at) {
    const [name = '', ...above] = path.split('/').reverse();
    const folder = await folderAt(above.reverse().join('/'));
    const handle = await folder?.getFileHandle(name);
    const bytes = new Uint8Array((await (await handle?.getFile())?.arrayBuffer()) ?? []);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const writable = await handle?.createWritable();
    await writable?.write(bytes);
    await writable?.close();
  },
  deleteStore,
  async clear() {
    stop.abort();
    await running.catch(() => {});
    await deleteStore();
  },
};

async function deleteStore(): Promise<string | null> {
  try {
    const origin = await navigator.storage.getDirectory();
    await origin.removeEntry('store', { recursive: true });
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

async function folderAt(path: string): Promise<FileSystemDirectoryHandle | null> {
  let folder = await navigator.storage.getDirectory();
  try {
    for (const name of path.split('/')) folder = await folder.getDirectoryHandle(name);
    return folder;
  } catch {
    return null;
  }
}

async function sha256Of(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
