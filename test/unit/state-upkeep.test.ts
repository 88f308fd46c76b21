import { describe, expect, test } from 'vitest';
import { toModelId } from '../../src/contract/model.ts';
import type { DownloadKey, UnfinishedDownload } from '../../src/contract/download.ts';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState } from '../../src/state/app-state.ts';
import type { Upkeep } from '../../src/state/upkeep.ts';
import { fakeDependencies } from '../support/fake-dependencies.ts';
import { FAKE_ENTRY, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';

const model = storedModel();

async function startWith(store: FakeStore) {
  const app = createAppState(fakeDependencies({ store }));
  await app.models.start();
  const seen: Upkeep[] = [];
  app.models.upkeep.current.subscribe((upkeep) => seen.push(upkeep));
  return { app, seen, upkeep: app.models.upkeep };
}

describe('checking a model again', () => {
  test('shows how far it is, and when every byte was last as it should be', async () => {
    const { app, seen, upkeep } = await startWith(new FakeStore([model]));

    await upkeep.check(model.id);

    expect(seen).toMatchObject([
      { type: 'none' },
      { type: 'running', work: 'check', totalBytes: null },
      { type: 'running', doneBytes: model.sourceBytes / 2, totalBytes: model.sourceBytes },
      { type: 'sound', id: model.id },
    ]);
    expect(app.models.shelf.value).toMatchObject({
      models: [{ verifiedAt: '2026-11-25T10:00:00.000Z' }],
    });
  });

  test('finds damage, says how much, and a repair mends it', async () => {
    const { upkeep } = await startWith(new FakeStore([model], { damaged: [model.id] }));

    await upkeep.check(model.id);
    const found = upkeep.current.value;
    await upkeep.repair(model.id);
    const repaired = upkeep.current.value;
    await upkeep.check(model.id);

    expect(found).toEqual({ type: 'damaged', id: model.id, damagedBytes: 1_048_576 });
    expect([repaired.type, upkeep.current.value.type]).toEqual(['sound', 'sound']);
  });

  test('can be stopped, and leaves nothing to say', async () => {
    const { upkeep } = await startWith(new FakeStore([model]));

    const checking = upkeep.check(model.id);
    upkeep.stop();
    const stopping = upkeep.current.value;
    await checking;

    expect(stopping).toMatchObject({ type: 'running', isStopping: true });
    expect(upkeep.current.value).toEqual({ type: 'none' });
  });

  test('happens to one model at a time', async () => {
    const other = storedModel({ id: fakeId('b') });
    const { upkeep } = await startWith(new FakeStore([model, other]));

    const first = upkeep.check(model.id);
    await upkeep.check(other.id);
    await first;

    expect(upkeep.current.value).toEqual({ type: 'sound', id: model.id });
  });
});

test('a repair that fails says why, and can be tried again', async () => {
  const store = new FakeStore([model], { damaged: [model.id] });
  store.script.failNextUpkeep = new AppError('download-failed', 'no network');
  const { upkeep } = await startWith(store);

  await upkeep.repair(model.id);
  const failed = upkeep.current.value;
  await upkeep.repair(model.id);

  expect(failed).toMatchObject({
    type: 'failed',
    work: 'repair',
    error: { code: 'download-failed' },
  });
  expect(upkeep.current.value.type).toBe('sound');
});

describe('a download that did not end', () => {
  const unfinished: UnfinishedDownload = {
    key: FAKE_ENTRY.sha256 as string as DownloadKey,
    file: {
      of: 'host',
      title: FAKE_ENTRY.title,
      fileName: FAKE_ENTRY.fileName,
      urls: [FAKE_ENTRY.url],
      expected: {
        totalBytes: FAKE_ENTRY.totalBytes,
        sha256: toModelId('d'.repeat(64)),
        vouchedBy: 'catalog',
      },
    },
    doneBytes: 1000,
    totalBytes: FAKE_ENTRY.totalBytes,
    isPaused: false,
  };

  test('is offered after a reload, and does not go on by itself', async () => {
    const store = new FakeStore();
    store.downloads = [unfinished];

    const { app } = await startWith(store);

    expect(app.models.unfinished.list.value).toEqual([unfinished]);
    expect(store.prepared).toEqual([{ type: 'guide' }]);
  });

  test('goes on when asked to, and is the model then', async () => {
    const store = new FakeStore();
    store.downloads = [unfinished];
    const { app } = await startWith(store);
    store.downloads = [];

    await app.models.resume(unfinished);

    expect(store.prepared.at(-1)).toEqual({ type: 'download', file: unfinished.file });
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: FAKE_ENTRY.sha256 } });
    expect(app.models.unfinished.list.value).toEqual([]);
  });

  test('is deleted when asked to; a refusal is said', async () => {
    const store = new FakeStore();
    store.downloads = [unfinished];
    const { app } = await startWith(store);
    store.script.failNextUpkeep = new AppError('busy', 'another tab has it');

    await app.models.unfinished.discard(unfinished.key);
    const refused = app.models.unfinished.failure.value;
    await app.models.unfinished.discard(unfinished.key);

    expect(refused).toMatchObject({ code: 'busy' });
    expect(app.models.unfinished.failure.value).toBeNull();
    expect(app.models.unfinished.list.value).toEqual([]);
  });

  test('that of the guide is not offered: it comes by itself', async () => {
    const store = new FakeStore();
    store.downloads = [{ ...unfinished, file: { ...unfinished.file, of: 'page' } }];

    const { app } = await startWith(store);

    expect(app.models.unfinished.list.value).toEqual([]);
  });

  test('is what a pause leaves, and no failure', async () => {
    const store = new FakeStore();
    const { app } = await startWith(store);
    store.script.pause = async () => {
      store.downloads = [unfinished];
      app.models.pause();
    };

    await app.models.get(FAKE_ENTRY);

    expect(app.models.arrival.value).toEqual({ type: 'none' });
    expect(app.models.unfinished.list.value).toEqual([unfinished]);
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { title: 'Guide' } });
  });
});

describe('a model named by its address', () => {
  test('is fetched from there', async () => {
    const store = new FakeStore();
    const { app } = await startWith(store);

    expect(app.models.getAddress('a/b/m.gguf')).toBeNull();

    await expect
      .poll(() => store.prepared.at(-1))
      .toMatchObject({
        type: 'download',
        file: { fileName: 'm.gguf', expected: null },
      });
  });

  test('whose name is none is not asked for', async () => {
    const { app } = await startWith(new FakeStore());

    expect(app.models.getAddress('a')).toEqual({ type: 'wrong', reason: 'no-address' });
    expect(app.models.arrival.value).toEqual({ type: 'none' });
  });

  test('in a repository is chosen among its files', async () => {
    const store = new FakeStore();
    store.repository = [{ path: 'in a folder/m.gguf', totalBytes: 7 }];
    const { app } = await startWith(store);

    expect(app.models.getAddress('a/b')).toEqual({ type: 'repository', repo: 'a/b' });
    const [file] = await app.models.listRepository('a/b');
    if (file !== undefined) app.models.getFromRepository('a/b', file);

    await expect
      .poll(() => store.prepared.at(-1))
      .toMatchObject({
        file: {
          fileName: 'm.gguf',
          urls: [
            'https://huggingface.co/a/b/resolve/main/in%20a%20folder/m.gguf',
            'https://hf-mirror.com/a/b/resolve/main/in%20a%20folder/m.gguf',
          ],
        },
      });
  });
});
