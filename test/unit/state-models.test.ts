import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { AppError, ERROR_CODES } from '../../src/contract/errors.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import { remediesFor } from '../../src/state/remedies.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FAKE_ENTRY, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';

function damaged(): AppError {
  return new AppError('compiled-damaged', 'weights.bin is short');
}

function loadingBegins({ engine }: AppState): Promise<void> {
  return new Promise((resolve) => {
    effect(() => void (engine.value.type === 'loading' && resolve()));
  });
}

describe('at the start', () => {
  test('the model used last is loaded by itself', async () => {
    const last = storedModel({ id: fakeId('b') });
    const store = new FakeStore([storedModel(), last]);
    const notes = fakeNotes({ 'offgrid.last-model': last.id });
    const engine = new FakeEngine();

    const app = createAppState(fakeDependencies({ store, notes, engine }));
    await app.models.start();

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: last.id } });
    expect(engine.loads).toEqual([
      {
        folder: last.forms[0]?.folder,
        options: { rung: 'simd-int8', contextTokens: 4096, threads: 2 },
      },
    ]);
  });

  test('the guide leaves the other processors to the page', async () => {
    const engine = new FakeEngine();
    const dependencies = fakeDependencies({ engine });

    const app = createAppState(dependencies);
    await app.models.start();

    expect(app.engine.value).toMatchObject({
      type: 'ready',
      model: { id: dependencies.guide.sha256 },
    });
    expect(engine.loads.map(({ options }) => options.threads)).toEqual([1]);
  });

  test('the newest is loaded when the one used last is gone', async () => {
    const store = new FakeStore([storedModel({ id: fakeId('b') }), storedModel()]);
    const notes = fakeNotes({ 'offgrid.last-model': fakeId('f') });

    const app = createAppState(fakeDependencies({ store, notes }));
    await app.models.start();

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('b') } });
  });

  test('a missing compiled form is rebuilt before loading', async () => {
    const store = new FakeStore([storedModel({ forms: [] })]);

    const app = createAppState(fakeDependencies({ store }));
    await app.models.start();

    expect(store.prepared.at(-1)).toEqual({ type: 'stored', id: fakeId('a') });
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('a') } });
  });

  test('a browser without storage is told so, and trying again looks again', async () => {
    const store = new FakeStore([storedModel()]);
    store.script.failNextList = new AppError('storage-unavailable', 'private window');
    const app = createAppState(fakeDependencies({ store }));

    await app.models.start();
    const before = app.models.shelf.value;
    await app.models.retry();

    expect(before).toMatchObject({ type: 'failed', error: { code: 'storage-unavailable' } });
    expect(app.engine.value.type).toBe('ready');
  });
});

describe('getting a model', () => {
  test('shows each phase, loads what came, and remembers it', async () => {
    const notes = fakeNotes();
    const app = createAppState(fakeDependencies({ notes }));
    await app.models.start();
    const seen = new Set<string>();
    effect(() => {
      const { value } = app.models.arrival;
      const running = value.type === 'preparing' ? value.phases : [];
      for (const { phase, state } of running) if (state === 'running') seen.add(phase);
      if (app.engine.value.type === 'loading') seen.add('load');
    });

    await app.models.get(FAKE_ENTRY);

    expect([...seen]).toEqual(['download', 'check', 'compile', 'load']);
    expect(app.models.arrival.value.type).toBe('none');
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: FAKE_ENTRY.sha256 } });
    expect(notes.read('offgrid.last-model')).toBe(FAKE_ENTRY.sha256);
  });

  test('cancel says at once that it is stopping, and leaves nothing', async () => {
    const app = createAppState(fakeDependencies());
    await app.models.start();

    const getting = app.models.get(FAKE_ENTRY);
    app.models.cancel();
    const meanwhile = app.models.arrival.value;
    await getting;

    expect(meanwhile).toMatchObject({ type: 'preparing', isStopping: true });
    expect(app.models.arrival.value.type).toBe('none');
    expect(app.models.shelf.value).toEqual({ type: 'listed', models: [] });
  });

  test('cancel stops a model that was asked for while the one before it was loading', async () => {
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel()]) }));
    await app.models.start();
    const loading = loadingBegins(app);
    const first = app.models.get(FAKE_ENTRY);
    await loading;

    const second = app.models.openFile(new File(['of my own'], 'own.gguf'));
    await first;
    app.models.cancel();
    const meanwhile = app.models.arrival.value;
    await second;

    expect(meanwhile).toMatchObject({ type: 'preparing', isStopping: true });
  });

  test('a failure names the model and can be tried again', async () => {
    const store = new FakeStore();
    const error = new AppError('download-failed', 'connection reset');
    const app = createAppState(fakeDependencies({ store }));
    await app.models.start();
    store.script.failNextPrepare = { error, during: 'download' };

    await app.models.get(FAKE_ENTRY);
    const failed = app.models.arrival.value;
    await app.models.retry();

    expect(failed).toMatchObject({ type: 'failed', title: FAKE_ENTRY.title, error });
    expect(app.engine.value.type).toBe('ready');
  });

  test('the model in memory stays usable while another one comes', async () => {
    const store = new FakeStore([storedModel()]);
    const app = createAppState(fakeDependencies({ store }));
    await app.models.start();

    const coming = app.models.openFile(new File(['x'], 'other.gguf'));
    const during = app.engine.value.type;
    await coming;

    expect(during).toBe('ready');
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { title: 'other.gguf' } });
  });

  test('a model that arrives in mid-answer is loaded after the answer', async () => {
    const store = new FakeStore([storedModel()]);
    const engine = new FakeEngine({ tokens: Array.from({ length: 50 }, () => ' and') });
    const app = createAppState(fakeDependencies({ store, engine }));
    await app.models.start();

    const asked = app.conversation.ask('What is the capital of France?');
    const loaded = app.models.openServed({
      fileName: 'b.gguf',
      url: 'models/b.gguf',
      totalBytes: null,
    });
    await Promise.all([asked, loaded]);

    expect(app.conversation.messages.value.at(-1)).toMatchObject({ ending: { reason: 'stop' } });
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('b') } });
  });
});

describe('loading', () => {
  test('a damaged compiled form is rebuilt by itself', async () => {
    const store = new FakeStore([storedModel()]);
    const engine = new FakeEngine();
    engine.script.failNextLoad = damaged();

    const app = createAppState(fakeDependencies({ store, engine }));
    await app.models.start();

    expect(store.prepared).toEqual([{ type: 'stored', id: fakeId('a') }]);
    expect(engine.loads).toHaveLength(2);
    expect(app.engine.value.type).toBe('ready');
  });

  test('a form that is damaged again right after rebuilding is a failure, not a loop', async () => {
    const store = new FakeStore([storedModel()]);
    const engine = new FakeEngine();
    const app = createAppState(fakeDependencies({ store, engine }));
    engine.script.failNextLoad = damaged();
    effect(() => {
      if (app.models.arrival.value.type === 'preparing') engine.script.failNextLoad = damaged();
    });

    await app.models.start();

    expect(engine.loads).toHaveLength(2);
    expect(app.engine.value).toMatchObject({ type: 'failed', error: { code: 'compiled-damaged' } });
  });

  test('a file that changed, and changed again, is offered to be repaired: that looks at all of it once more', async () => {
    const changed = () => new AppError('model-changed', 'another fingerprint');
    const [engine, store] = [new FakeEngine(), new FakeStore([storedModel()])];
    const app = createAppState(fakeDependencies({ store, engine }));
    engine.script.failNextLoad = changed();
    const stop = effect(() => {
      if (app.models.arrival.value.type === 'preparing') engine.script.failNextLoad = changed();
    });
    await app.models.start();
    stop();
    const failed = app.engine.value;
    const before = store.prepared.length;

    engine.script.failNextLoad = changed();
    await app.models.retry();

    expect(failed).toMatchObject({ type: 'failed', error: { code: 'model-changed' } });
    expect(remediesFor('model-changed')[0]).toBe('repair');
    expect(store.prepared.slice(before)).toEqual([{ type: 'stored', id: fakeId('a') }]);
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('a') } });
  });

  test('choosing another model while one loads loads only the second', async () => {
    const second = storedModel({ id: fakeId('b') });
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel(), second]) }));

    const starting = app.models.start();
    await loadingBegins(app);
    await Promise.all([app.models.open(second), starting]);

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: second.id } });
  });

  test('a removed model leaves memory, shelf and notes', async () => {
    const notes = fakeNotes();
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel()]), notes }));
    await app.models.start();

    await app.models.remove(fakeId('a'));

    expect(app.models.shelf.value).toEqual({ type: 'listed', models: [] });
    expect(notes.read('offgrid.last-model')).toBeNull();
  });
});

test.each(ERROR_CODES)('%s offers only what can help', (code) => {
  const remedies = remediesFor(code);

  expect(new Set(remedies).size).toBe(remedies.length);
  if (!code.startsWith('prompt-')) expect(remedies.length).toBeGreaterThan(0);
});
