import { effect } from '@preact/signals-core';
import { describe, expect, test, vi } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import {
  FAKE_ENTRY,
  FAKE_GUIDE,
  fakeId,
  FakeStore,
  STORED_GUIDE,
  storedModel,
} from '../support/fake-store.ts';
import { until } from '../support/until.ts';

const GUIDE = { model: { id: FAKE_GUIDE.sha256 } };
const missing = () => new AppError('download-failed', 'HTTP 404');

/** Every model that answers or would, in order, by its title. */
function speakers({ engine }: AppState): readonly string[] {
  const seen: string[] = [];
  effect(() => {
    const { value } = engine;
    if (value.type === 'ready' && seen.at(-1) !== value.model.title) seen.push(value.model.title);
  });
  return seen;
}

/** A page whose guide was not to be had, this once. */
async function withoutGuide() {
  const store = new FakeStore();
  store.script.failNextPrepare = { error: missing(), during: 'download' };
  const app = createAppState(fakeDependencies({ store }));
  await app.models.start();
  return { app, store };
}

describe('the guide comes by itself', () => {
  test('on a device without models: it is got, and loaded', async () => {
    const store = new FakeStore();
    const app = createAppState(fakeDependencies({ store }));

    await app.models.start();

    expect(store.prepared).toEqual([{ type: 'guide' }]);
    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
    expect(app.models.guide.state.value).toEqual({ type: 'resting' });
  });

  test('and is only loaded where it lies already', async () => {
    const store = new FakeStore([STORED_GUIDE]);
    const app = createAppState(fakeDependencies({ store }));

    await app.models.start();

    expect(store.prepared).toEqual([]);
    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
  });

  test('not where another model lies, though nobody has used that yet', async () => {
    const engine = new FakeEngine();
    const store = new FakeStore([STORED_GUIDE, storedModel()]);
    const app = createAppState(fakeDependencies({ engine, store }));

    await app.models.start();

    expect(engine.loads).toHaveLength(1);
    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('a') } });
  });

  test('and counts for nothing that a person has chosen, so that a model which comes later is loaded first', async () => {
    const notes = fakeNotes();
    const first = createAppState(fakeDependencies({ notes }));
    await first.models.start();

    const store = new FakeStore([STORED_GUIDE, storedModel()]);
    const second = createAppState(fakeDependencies({ notes, store }));
    await second.models.start();

    expect(second.engine.value).toMatchObject({ model: { id: fakeId('a') } });
  });

  test('nor is it among the models that a person keeps here', async () => {
    const app = createAppState(fakeDependencies({ store: new FakeStore([STORED_GUIDE]) }));

    await app.models.start();

    expect(app.models.shelf.value).toEqual({ type: 'listed', models: [] });
  });

  test('and tells how much of it has come', async () => {
    const app = createAppState(fakeDependencies());
    const seen: unknown[] = [];
    effect(() => {
      const { value } = app.models.guide.state;
      if (value.type === 'coming' && value.download !== null) seen.push(value.download);
    });

    await app.models.start();

    const totalBytes = FAKE_GUIDE.totalBytes;
    expect(seen).toEqual(
      [0, totalBytes / 2, totalBytes].map((doneBytes) => ({ doneBytes, totalBytes })),
    );
  });

  test('damaged on this device, it is got again', async () => {
    const engine = new FakeEngine();
    engine.script.failNextLoad = new AppError('compiled-damaged', 'weights.bin is short');
    const store = new FakeStore([STORED_GUIDE]);
    const app = createAppState(fakeDependencies({ engine, store }));

    await app.models.start();

    expect(store.prepared).toEqual([{ type: 'guide' }]);
    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
  });
});

test('changed on this device since it was checked, it is checked whole and got again', async () => {
  const engine = new FakeEngine();
  engine.script.failNextLoad = new AppError('model-changed', 'another fingerprint');
  const store = new FakeStore([STORED_GUIDE]);
  const removeForm = vi.spyOn(store, 'removeForm');
  const app = createAppState(fakeDependencies({ engine, store }));

  await app.models.start();

  expect(removeForm).toHaveBeenCalledWith(STORED_GUIDE.id, 'simd-int8');
  expect(store.prepared).toEqual([{ type: 'guide' }]);
  expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
});

describe('a question', () => {
  test('may be asked before the guide is there, and is answered when it is', async () => {
    const app = createAppState(fakeDependencies());
    const starting = app.models.start();
    const mayAsk = app.conversation.canAsk.value;

    await app.conversation.ask('Is anything I type sent to a server?');
    await starting;

    expect(mayAsk).toBe(true);
    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      model: { title: 'Guide' },
      ending: { reason: 'stop' },
    });
  });

  test('that waits for a guide which does not come is answered with why', async () => {
    const store = new FakeStore();
    store.script.failNextPrepare = { error: missing(), during: 'download' };
    const app = createAppState(fakeDependencies({ store }));
    void app.models.start();

    await app.conversation.ask('Hello');

    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      ending: { type: 'broken', error: { code: 'download-failed' } },
    });
  });

  test('is put to the guide as suits it, and to another model as suits that', async () => {
    const engine = new FakeEngine();
    const app = createAppState(fakeDependencies({ engine }));
    await app.models.start();
    await app.conversation.ask('One?');

    await app.models.get(FAKE_ENTRY);
    await app.conversation.ask('Two?');

    const [toGuide, toOther] = engine.requests;
    expect(toGuide?.sampling).toEqual({ ...FAKE_GUIDE.sampling, seed: 7 });
    expect(toOther?.sampling).toMatchObject({ temperature: 0.7, repetitionPenalty: 1.1 });
  });
});

describe('while a larger model comes', () => {
  test('the guide answers; then the larger one takes the word, and reads what was said as text', async () => {
    const engine = new FakeEngine();
    const store = new FakeStore();
    const app = createAppState(fakeDependencies({ engine, store }));
    const seen = speakers(app);
    await app.models.start();
    const coming = app.models.get(FAKE_ENTRY);

    await app.conversation.ask('One?');
    await coming;
    await app.conversation.ask('Two?');

    expect(seen).toEqual(['Guide', FAKE_ENTRY.title]);
    expect(engine.requests[1]?.messages).toEqual([
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'The capital is Paris.' },
      { role: 'user', content: 'Two?' },
    ]);
  });

  test('asked for before the guide is there, it waits for the guide, which takes moments', async () => {
    const store = new FakeStore();
    const app = createAppState(fakeDependencies({ store }));
    const seen = speakers(app);

    const starting = app.models.start();
    await Promise.all([app.models.get(FAKE_ENTRY), starting]);

    expect(store.prepared.map(({ type }) => type)).toEqual(['guide', 'catalog']);
    expect(seen).toEqual(['Guide', FAKE_ENTRY.title]);
  });

  test('the guide answers also while a model that lies here must be prepared again', async () => {
    const store = new FakeStore([STORED_GUIDE, storedModel({ forms: [] })]);
    const app = createAppState(fakeDependencies({ store }));
    const seen = speakers(app);

    await app.models.start();

    expect(seen).toEqual(['Guide', storedModel().title]);
  });

  test('cancel ends its preparation, not the loading of the guide', async () => {
    const app = createAppState(fakeDependencies());
    void app.models.start();
    const coming = app.models.get(FAKE_ENTRY);
    await until(() => app.engine.value.type === 'loading');

    app.models.cancel();
    await coming;

    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
    expect(app.models.arrival.value).toEqual({ type: 'none' });
  });

  test('a model of this device that is chosen meanwhile stays, and the guide does not take its place', async () => {
    const notes = fakeNotes({ 'offgrid.last-model': FAKE_GUIDE.sha256 });
    const store = new FakeStore([storedModel()]);
    const app = createAppState(fakeDependencies({ store, notes }));
    const starting = app.models.start();
    await until(() => app.models.shelf.value.type === 'listed');

    await Promise.all([app.models.open(storedModel()), starting]);

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('a') } });
  });
});

describe('the guide comes back', () => {
  test('when the model in use is deleted', async () => {
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel()]) }));
    await app.models.start();

    await app.models.remove(fakeId('a'));

    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
  });

  test('when the load of another is cancelled', async () => {
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel()]) }));
    const stop = effect(() => {
      const { value } = app.engine;
      if (value.type === 'loading' && value.model.id === fakeId('a')) app.models.cancel();
    });

    await app.models.start();
    stop();

    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
    expect(app.models.shelf.value).toMatchObject({ models: [{ id: fakeId('a') }] });
  });

  test('when a person chooses it, and in the next visit too', async () => {
    const notes = fakeNotes();
    const store = new FakeStore([storedModel()]);
    const first = createAppState(fakeDependencies({ store, notes }));
    await first.models.start();
    await first.models.openGuide();

    const second = createAppState(fakeDependencies({ store, notes }));
    await second.models.start();

    expect(first.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
    expect(second.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
  });

  test('after its worker died, with the next question', async () => {
    const engine = new FakeEngine();
    const store = new FakeStore();
    const app = createAppState(fakeDependencies({ engine, store }));
    await app.models.start();
    engine.script.failNextAnswer = {
      error: new AppError('worker-died', 'killed by this test'),
      afterTokens: 1,
    };
    await app.conversation.ask('One?');

    await app.conversation.ask('Two?');

    expect(app.conversation.messages.value.at(-1)).toMatchObject({ ending: { reason: 'stop' } });
    expect(store.prepared).toEqual([{ type: 'guide' }]);
  });
});

describe('a guide that does not come', () => {
  test('says why, and that no model is here', async () => {
    const { app } = await withoutGuide();

    expect(app.models.guide.state.value).toMatchObject({
      type: 'failed',
      error: { code: 'download-failed' },
    });
    expect(app.engine.value.type).toBe('idle');
    expect(app.conversation.canAsk.value).toBe(false);
  });

  test('can be tried again', async () => {
    const { app } = await withoutGuide();

    await app.models.retry();

    expect(app.engine.value).toMatchObject({ type: 'ready', ...GUIDE });
  });

  test('keeps nobody from getting another model', async () => {
    const { app, store } = await withoutGuide();
    store.script.failNextPrepare = { error: missing(), during: 'download' };

    await app.models.get(FAKE_ENTRY);

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: FAKE_ENTRY.sha256 } });
  });
});
