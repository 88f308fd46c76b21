import { expect, test } from 'vitest';
import { StoreClient } from '../../src/client/store-client.ts';
import { AppError } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import type { ModelSource, PrepareEvent, StoreApi } from '../../src/contract/store.ts';
import { failureOf } from '../support/failure-of.ts';
import { FakeWorker } from '../support/fake-worker.ts';

const SOURCE: ModelSource = { type: 'stored', id: toModelId('0'.repeat(64)) };
const EVENT: PrepareEvent = {
  type: 'progress',
  phase: 'compile',
  doneBytes: 1,
  totalBytes: 2,
  elapsedMs: 3,
};
/** Short enough to wait for, long enough not to strike by itself on a busy machine. */
const PATIENCE = { silenceLimitMs: 200, cancelLimitMs: 50 };
const alive = new AbortController().signal;

/** A client, and every worker it started. */
function startStore(api: Partial<StoreApi>) {
  const workers: FakeWorker[] = [];
  const store = new StoreClient(() => {
    const worker = new FakeWorker({ list: async () => [], remove: async () => {}, ...api });
    workers.push(worker);
    return worker;
  }, PATIENCE);
  return { store, workers };
}

test('the store worker starts with the first question and answers all of them', async () => {
  const { store, workers } = startStore({});
  expect(workers).toHaveLength(0);

  await store.list();
  await store.remove(toModelId('1'.repeat(64)));

  expect(workers).toHaveLength(1);
  workers[0]?.terminate();
});

test('a dead store worker ends what waits for it and is replaced by the next question', async () => {
  const { store, workers } = startStore({ prepare: () => new Promise(() => {}) });
  const prepared = store.prepare(SOURCE, 'wasm-int8', () => {}, alive);

  workers[0]?.crash('boom');

  await expect(prepared).rejects.toMatchObject({ code: 'worker-died' });
  expect(await store.list()).toEqual([]);
  expect(workers).toHaveLength(2);
  workers[1]?.terminate();
});

test('preparing passes progress on; aborting it posts cancel and gives the outcome', async () => {
  const cancel = new AbortController();
  const { store } = startStore({
    prepare: (_source, _target, events) =>
      new Promise((resolve) => {
        events.postMessage(EVENT);
        events.onmessage = ({ data }) => {
          if (data === 'cancel') resolve({ type: 'cancelled' });
        };
      }),
  });

  const outcome = await store.prepare(
    SOURCE,
    'wasm-int8',
    (event) => {
      expect(event).toEqual(EVENT);
      cancel.abort();
    },
    cancel.signal,
  );

  expect(outcome).toEqual({ type: 'cancelled' });
});

test('a store worker that does not stop when asked is ended, which is a cancellation still', async () => {
  const { store, workers } = startStore({ prepare: () => new Promise(() => {}) });
  const cancel = new AbortController();
  const prepared = store.prepare(SOURCE, 'wasm-int8', () => {}, cancel.signal);

  cancel.abort();

  expect(await prepared).toEqual({ type: 'cancelled' });
  expect(workers[0]?.isTerminated).toBe(true);
});

test('a store worker that falls silent in mid-work is ended and says so; trying again starts a new one', async () => {
  const { store, workers } = startStore({
    prepare: (_source, _target, events) => {
      events.postMessage(EVENT);
      return new Promise(() => {});
    },
  });
  const seen: PrepareEvent[] = [];

  const prepared = store.prepare(SOURCE, 'wasm-int8', (event) => seen.push(event), alive);

  expect(await failureOf(prepared)).toMatchObject({
    code: 'worker-silent',
    sentence: expect.stringMatching(/checked already is kept\. Try again\.$/),
  });
  expect(seen).toEqual([EVENT]);
  expect(workers[0]?.isTerminated).toBe(true);
  expect(await store.list()).toEqual([]);
  expect(workers).toHaveLength(2);
  workers[1]?.terminate();
});

test('a preparation may take as long as it likes while it tells of progress', async () => {
  const { store } = startStore({
    prepare: async (_source, _target, events) => {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setTimeout(resolve, PATIENCE.silenceLimitMs / 3));
        events.postMessage(EVENT);
      }
      return { type: 'cancelled' };
    },
  });

  expect(await store.prepare(SOURCE, 'wasm-int8', () => {}, alive)).toEqual({ type: 'cancelled' });
});

test('after a preparation the store worker is ended, with all that it took', async () => {
  const { store, workers } = startStore({ prepare: async () => ({ type: 'cancelled' }) });

  await store.prepare(SOURCE, 'wasm-int8', () => {}, alive);

  expect(workers[0]?.isTerminated).toBe(true);
  expect(await store.list()).toEqual([]);
  expect(workers).toHaveLength(2);
  workers[1]?.terminate();
});

test('what was asked during a preparation is answered', async () => {
  let answer = (): void => {};
  const { store, workers } = startStore({
    prepare: async () => ({ type: 'cancelled' }),
    list: () => new Promise((resolve) => (answer = () => resolve([]))),
  });
  const listing = store.list();

  await store.prepare(SOURCE, 'wasm-int8', () => {}, alive);
  answer();

  expect(await listing).toEqual([]);
  expect(workers).toHaveLength(1);
  workers[0]?.terminate();
});

test('nobody watches a store worker that has nothing to do', async () => {
  const { store, workers } = startStore({});
  await store.list();

  await new Promise((resolve) => setTimeout(resolve, 2 * PATIENCE.silenceLimitMs));

  expect(workers[0]?.isTerminated).toBe(false);
  workers[0]?.terminate();
});

test('an error of the store keeps its code', async () => {
  const { store, workers } = startStore({
    prepare: () => Promise.reject(new AppError('storage-full', '0 bytes left')),
  });

  await expect(store.prepare(SOURCE, 'wasm-int8', () => {}, alive)).rejects.toMatchObject({
    code: 'storage-full',
  });
  expect(workers[0]?.isTerminated).toBe(true);
});
