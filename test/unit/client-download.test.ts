import { expect, test } from 'vitest';
import { DownloadClient, PAUSE } from '../../src/client/download-client.ts';
import { FetchingStore } from '../../src/client/fetching-store.ts';
import { StoreClient } from '../../src/client/store-client.ts';
import type { DownloadApi, DownloadProgress, WantedFile } from '../../src/contract/download.ts';
import { toModelId } from '../../src/contract/model.ts';
import type { ModelSource, PrepareEvent, StoreApi } from '../../src/contract/store.ts';
import { FAKE_ENTRY, storedModel } from '../support/fake-store.ts';
import { FakeWorker } from '../support/fake-worker.ts';

const PATIENCE = { silenceLimitMs: 300, stopLimitMs: 100 };
const WANTED: WantedFile = { title: 'a', fileName: 'a.gguf', urls: ['https://a/'], expected: null };
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
function startFetching(download: DownloadApi['download']) {
  const prepared: ModelSource[] = [];
  const api: Partial<StoreApi> = {
    prepare: async (source) => {
      prepared.push(source);
      return {
        type: 'ready',
        model: storedModel({ id }),
        phases: [{ phase: 'compile', elapsedMs: 5 }],
      };
    },
  };
  const { client, workers } = startDownloads({ download });
  const store = new FetchingStore(new StoreClient(() => new FakeWorker(api)), client);
  return { store, prepared, workers };
}

test('what lies on a host is downloaded first and then prepared from the store', async () => {
  const { store, prepared, workers } = startFetching(async (file, events) => {
    events.postMessage({ ...PROGRESS, host: file.fileName });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { type: 'stored', id };
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
  const { store, prepared, workers } = startFetching(endless);
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
  const { store, prepared, workers } = startFetching(endless);

  await store.prepare({ type: 'stored', id }, 'wasm-int8', () => {}, alive);

  expect(prepared).toEqual([{ type: 'stored', id }]);
  expect(workers).toEqual([]);
});
