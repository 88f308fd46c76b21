import { effect } from '@preact/signals-core';
import { expect, test } from 'vitest';
import type { DownloadAnnouncement, DownloadKey } from '../../src/contract/download.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import type { Arrival } from '../../src/state/arrival.ts';
import { fakeDependencies } from '../support/fake-dependencies.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FakeStore } from '../support/fake-store.ts';

const key = 'a'.repeat(64) as DownloadKey;
const file = {
  of: 'host',
  title: 'Theirs',
  fileName: 'theirs.gguf',
  urls: ['https://models.example/theirs.gguf'],
  expected: null,
} as const;
const progress: DownloadAnnouncement = {
  type: 'progress',
  key,
  progress: {
    type: 'progress',
    doneBytes: 10,
    totalBytes: 100,
    bytesPerSecond: null,
    leftMs: null,
    connections: 1,
    host: 'models.example',
    wait: null,
  },
};

/** A page beside another one that downloads. `hear` is what that one tells. */
function besideAnother({ isPaused = false, isThere = true } = {}) {
  const store = new FakeStore();
  if (isThere) store.downloads = [{ key, file, doneBytes: 10, totalBytes: 100, isPaused }];
  const engine = new FakeEngine();
  let hear = (_announcement: DownloadAnnouncement) => {};
  const app = createAppState(
    fakeDependencies({ store, engine, watchDownloads: (listener) => (hear = listener) }),
  );
  return { app, store, engine, hear: (said: DownloadAnnouncement) => hear(said) };
}

/** What arrives, once it is of this type, however shortly. */
async function until(app: AppState, type: Arrival['type']): Promise<Arrival> {
  const { arrival } = app.models;
  let stop = () => {};
  const found = await new Promise<Arrival>((resolve) => {
    stop = effect(() => {
      if (arrival.value.type === type) resolve(arrival.value);
    });
  });
  stop();
  return found;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('what another tab downloads shows here by itself, and is here once it has come; nothing is loaded', async () => {
  const { app, store, engine, hear } = besideAnother();

  hear(progress);
  const shown = await until(app, 'preparing');
  hear(progress);
  await until(app, 'none');

  expect(shown).toMatchObject({ title: 'Theirs', phases: [{ phase: 'download' }] });
  expect(store.downloaded).toEqual([file]);
  expect(app.models.shelf.value).toMatchObject({ models: [{ fileName: 'theirs.gguf' }] });
  expect(engine.loads).toEqual([]);
});

test.each(['paused', 'cancelled'] as const)('what was %s there ends here too', async (intent) => {
  const { app, store, hear } = besideAnother();
  store.script.pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  hear(progress);
  await until(app, 'preparing');

  hear({ type: 'stop', key, intent });
  await until(app, 'none');

  expect(store.models).toEqual([]);
});

test('what is paused, or no model that was asked for, is not taken up', async () => {
  for (const world of [besideAnother({ isPaused: true }), besideAnother({ isThere: false })]) {
    world.hear(progress);
    await settled();

    expect(world.store.downloaded).toEqual([]);
    expect(world.app.models.arrival.value.type).toBe('none');
  }
});
