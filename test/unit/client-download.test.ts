import { expect, test } from 'vitest';
import { DownloadClient, PAUSE } from '../../src/client/download-client.ts';
import { FetchingStore } from '../../src/client/fetching-store.ts';
import { StoreClient } from '../../src/client/store-client.ts';
import type { DownloadApi, DownloadProgress, WantedFile } from '../../src/contract/download.ts';
import { toModelId } from '../../src/contract/model.ts';
import { AppError } from '../../src/contract/errors.ts';
import type {
  ModelSource,
  PrepareEvent,
  PrepareOutcome,
  StoreApi,
} from '../../src/contract/store.ts';
import { FAKE_ENTRY, FAKE_GUIDE, storedModel } from '../support/fake-store.ts';
import { FakeWorker } from '../support/fake-worker.ts';

const PATIENCE = { silenceLimitMs: 300, stopLimitMs: 100 };
const WANTED: WantedFile = {
  of: 'host',
  title: 'a',
  fileName: 'a.gguf',
  urls: ['https://a/'],
  expected: null,
};
const PROGRESS: DownloadProgress = {
  type: 'progress',
  doneBytes: 1,
  totalBytes: 2,
  bytesPerSecond: 3,
  leftMs: 4,
  connections: 1,
  host: 'a',
  wait: null,
};
const alive = new AbortController().signal;
const id = toModelId('d'.repeat(64));

function startDownloads(api: Partial<DownloadApi>) {
  const workers: FakeWorker[] = [];
  const client = new DownloadClient(() => {
    const worker = new FakeWorker({ unfinished: async () => [], discard: async () => {}, ...api });
    workers.push(worker);
    return worker;
  }, PATIENCE);
  return { client, workers };
}

/** Goes on until it is stopped, and says as what. */
const endless: DownloadApi['download'] = (_file, events) =>
  new Promise((resolve) => {
    events.postMessage(PROGRESS);
    events.onmessage = ({ data }) => resolve({ type: data === 'pause' ? 'paused' : 'cancelled' });
  });

test('a download passes its progress on and gives its outcome', async () => {
  const { client, workers } = startDownloads({
    download: async (_file, events) => {
      events.postMessage(PROGRESS);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { type: 'stored', id };
    },
  });
  const seen: DownloadProgress[] = [];

  const outcome = await client.download(WANTED, (progress) => seen.push(progress), alive);

  expect(outcome).toEqual({ type: 'stored', id });
  expect(seen).toEqual([PROGRESS]);
  workers[0]?.terminate();
});

test.each([
  [PAUSE, 'paused'],
  [undefined, 'cancelled'],
])('aborting with the reason %s ends it as %s', async (reason, type) => {
  const { client, workers } = startDownloads({ download: endless });
  const stop = new AbortController();

  const outcome = await client.download(WANTED, () => stop.abort(reason), stop.signal);

  expect(outcome).toEqual({ type });
  expect(workers[0]?.isTerminated).toBe(false);
  workers[0]?.terminate();
});

test('a worker that does not stop when asked is ended, which is a pause still', async () => {
  const { client, workers } = startDownloads({ download: () => new Promise(() => {}) });
  const stop = new AbortController();
  const outcome = client.download(WANTED, () => {}, stop.signal);

  stop.abort(PAUSE);

  expect(await outcome).toEqual({ type: 'paused' });
  expect(workers[0]?.isTerminated).toBe(true);
});

test('a worker that falls silent is ended, and the next call has a new one', async () => {
  const { client, workers } = startDownloads({ download: () => new Promise(() => {}) });

  await expect(client.download(WANTED, () => {}, alive)).rejects.toMatchObject({
    code: 'worker-silent',
  });

  expect(await client.unfinished()).toEqual([]);
  expect(workers).toHaveLength(2);
  workers[1]?.terminate();
});

/** A store on two fake workers, and what its store worker was asked to prepare. */
function startFetching(downloads: Partial<DownloadApi>, storing: Partial<StoreApi> = {}) {
  const prepared: ModelSource[] = [];
  const api: Partial<StoreApi> = {
    prepare: async (source) => {
      prepared.push(source);
      return READY;
    },
    ...storing,
  };
  const { client, workers } = startDownloads(downloads);
  const known = { catalog: [FAKE_ENTRY], guide: FAKE_GUIDE };
  const store = new FetchingStore(new StoreClient(() => new FakeWorker(api)), client, known);
  return { store, prepared, workers };
}

const READY: PrepareOutcome = {
  type: 'ready',
  model: storedModel({ id }),
  phases: [{ phase: 'compile', elapsedMs: 5 }],
};

test('what lies on a host is downloaded first and then prepared from the store', async () => {
  const { store, prepared, workers } = startFetching({
    download: async (file, events) => {
      events.postMessage({ ...PROGRESS, host: file.fileName });
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { type: 'stored', id };
    },
  });
  const events: PrepareEvent[] = [];

  const outcome = await store.prepare(
    { type: 'catalog', entry: FAKE_ENTRY },
    'wasm-int8',
    (event) => events.push(event),
    alive,
  );

  expect(prepared).toEqual([{ type: 'stored', id }]);
  expect(events).toMatchObject([
    { phase: 'download', doneBytes: 1, totalBytes: 2, transfer: { host: FAKE_ENTRY.fileName } },
  ]);
  expect(outcome).toMatchObject({
    type: 'ready',
    phases: [{ phase: 'download' }, { phase: 'compile' }],
  });
  workers[0]?.terminate();
});

test('a download that was paused is not prepared', async () => {
  const { store, prepared, workers } = startFetching({ download: endless });
  const stop = new AbortController();

  const outcome = await store.prepare(
    { type: 'served', url: 'https://page.example/models/a.gguf', fileName: 'a.gguf' },
    'wasm-int8',
    () => stop.abort(PAUSE),
    stop.signal,
  );

  expect(outcome).toEqual({ type: 'paused' });
  expect(prepared).toEqual([]);
  workers[0]?.terminate();
});

test('what is here already wakes no download worker', async () => {
  const { store, prepared, workers } = startFetching({ download: endless });

  await store.prepare({ type: 'stored', id }, 'wasm-int8', () => {}, alive);

  expect(prepared).toEqual([{ type: 'stored', id }]);
  expect(workers).toEqual([]);
});

/** Finds what lies here damaged until it was repaired. */
function startDamaged(damagedId = id) {
  const repaired: (readonly string[])[] = [];
  const started = startFetching(
    {
      repair: async (_id, urls) => {
        repaired.push(urls);
        return { type: 'stored', id: damagedId };
      },
    },
    {
      list: async () => [storedModel({ id: damagedId, origin: { type: 'file' } })],
      prepare: async () => {
        if (repaired.length === 0) throw new AppError('source-damaged', 'a bit flipped');
        return READY;
      },
    },
  );
  return { ...started, repaired };
}

test('what turns out to be damaged is repaired from where it is published, and prepared', async () => {
  const { store, repaired, workers } = startDamaged();

  const outcome = await store.prepare({ type: 'stored', id }, 'wasm-int8', () => {}, alive);

  expect(outcome.type).toBe('ready');
  expect(repaired).toEqual([[FAKE_ENTRY.url, ...FAKE_ENTRY.mirrors]]);
  workers[0]?.terminate();
});

test('what nobody is known to have stays damaged', async () => {
  const unknown = toModelId('7'.repeat(64));
  const { store, repaired } = startDamaged(unknown);

  const attempt = store.prepare({ type: 'stored', id: unknown }, 'wasm-int8', () => {}, alive);

  await expect(attempt).rejects.toMatchObject({ code: 'source-damaged' });
  expect(repaired).toEqual([]);
});
