import { describe, expect, test } from 'vitest';
import { createAppState } from '../../src/state/app-state.ts';
import { fakeDependencies, type FakeDependencies } from '../support/fake-dependencies.ts';
import { FakeStore, storedModel } from '../support/fake-store.ts';

const MODEL = storedModel();

/** A page with a model in memory, all of it kept; `spoil` says what is not. */
async function looked(spoil: (world: FakeDependencies) => void = () => {}) {
  const world = fakeDependencies({ store: new FakeStore([MODEL]) });
  const app = createAppState(world);
  await app.models.start();
  spoil(world);
  await app.offline.check();
  return { world, app, state: app.offline.state.value };
}

test('a page is ready for offline when it is served from here, every file is as built, and the model lies here', async () => {
  const { state } = await looked();

  expect(state).toMatchObject({ type: 'ready', model: { title: MODEL.title } });
});

describe('a page is not ready for offline', () => {
  test('before anything was looked at', () => {
    expect(createAppState(fakeDependencies()).offline.state.value.type).toBe('unknown');
  });

  test('where nothing keeps it', async () => {
    const { state } = await looked(({ page }) => (page.copy = null));

    expect(state).toMatchObject({ type: 'lacking', lacks: [{ type: 'no-service-worker' }] });
  });

  test('while the service worker does not serve this very page', async () => {
    const { state } = await looked(({ page }) => {
      if (page.copy !== null) page.copy = { ...page.copy, isControlled: false };
    });

    expect(state).toMatchObject({ type: 'lacking', lacks: [{ type: 'not-serving' }] });
  });

  test.each(['missing', 'damaged'] as const)(
    'with a file that is %s, which it names',
    async (is) => {
      const { state } = await looked(({ page }) => {
        const file = { path: 'a.js', totalBytes: null, state: is, isNeeded: 'always' } as const;
        if (page.copy !== null) page.copy = { ...page.copy, files: [...page.copy.files, file] };
      });

      expect(state).toMatchObject({ type: 'lacking', lacks: [{ type: 'files', paths: ['a.js'] }] });
    },
  );

  test('when the model in memory was cleared from the device', async () => {
    const { state } = await looked(({ store }) => void store.remove(MODEL.id));

    expect(state).toMatchObject({
      type: 'lacking',
      lacks: [{ type: 'model', title: MODEL.title }],
    });
  });

  test('without the form that the model runs in', async () => {
    const { state } = await looked(({ store }) => {
      for (const { target } of MODEL.forms) void store.removeForm(MODEL.id, target);
    });

    expect(state).toMatchObject({ type: 'lacking', lacks: [{ type: 'model' }] });
  });
});

test('the runtime’s builds for a GPU are not needed by who runs on the CPU', async () => {
  const { state } = await looked();

  expect(state.type === 'ready' && state.files.map(({ path }) => path)).toEqual([
    'index.html',
    'assets/index.js',
  ]);
});

test('what was repaired is seen at the next look', async () => {
  const { world, app } = await looked(({ page }) => (page.copy = null));
  world.page.copy = { isControlled: true, files: [] };

  await app.offline.check();

  expect(app.offline.state.value.type).toBe('ready');
});

test('another model in memory is looked at without being asked', async () => {
  const { world, app } = await looked();
  const before = world.page.passes;

  await app.models.openGuide();
  await app.offline.check();

  expect(world.page.passes).toBeGreaterThan(before);
  expect(app.offline.state.value).toMatchObject({
    type: 'ready',
    model: { title: app.models.guide.entry.title },
  });
});
