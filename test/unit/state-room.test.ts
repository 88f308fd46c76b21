import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState } from '../../src/state/app-state.ts';
import { fakeDependencies, FakeRoom } from '../support/fake-dependencies.ts';
import { FAKE_ENTRY, FakeStore, storedModel } from '../support/fake-store.ts';

/** Lets what nobody waits for come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('a browser is asked to keep the models', () => {
  test('once the model is here that the person asked for', async () => {
    const room = new FakeRoom();
    const app = createAppState(fakeDependencies({ room }));
    await app.models.start();

    const coming = app.models.get(FAKE_ENTRY);
    const askedBefore = room.asked;
    await coming;
    await settle();

    expect([askedBefore, room.asked]).toEqual([0, 1]);
    expect(app.room.facts.value).toMatchObject({ isKept: true });
  });

  test('when a model that lies here is opened', async () => {
    const room = new FakeRoom();
    const app = createAppState(fakeDependencies({ room, store: new FakeStore([storedModel()]) }));

    await app.models.start();
    await app.models.open(storedModel());
    await settle();

    expect(room.asked).toBe(1);
  });

  test('only once it agreed', async () => {
    const room = new FakeRoom();
    const app = createAppState(fakeDependencies({ room }));

    await app.models.get(FAKE_ENTRY);
    await settle();
    await app.models.get(FAKE_ENTRY);
    await settle();

    expect(room.asked).toBe(1);
  });

  test('never by the page itself, which loads the last model at its start', async () => {
    const room = new FakeRoom();
    const app = createAppState(fakeDependencies({ room, store: new FakeStore([storedModel()]) }));

    await app.models.start();
    await settle();

    expect(app.engine.value.type).toBe('ready');
    expect(room.asked).toBe(0);
  });

  test('not for nothing: without a model there is nothing to keep', async () => {
    const room = new FakeRoom();
    const store = new FakeStore();
    const error = new AppError('download-failed', 'connection reset');
    const app = createAppState(fakeDependencies({ room, store }));
    await app.models.start();
    store.script.failNextPrepare = { error, during: 'download' };

    await app.models.get(FAKE_ENTRY);
    await settle();

    expect(room.asked).toBe(0);
  });
});

test('what a deleted model leaves is looked at anew', async () => {
  const room = new FakeRoom();
  const model = storedModel();
  const app = createAppState(fakeDependencies({ room, store: new FakeStore([model]) }));
  await app.room.look();
  room.facts = { ...room.facts, usedBytes: 12 };

  await app.models.remove(model.id);

  expect(app.room.facts.value).toMatchObject({ usedBytes: 12 });
});
