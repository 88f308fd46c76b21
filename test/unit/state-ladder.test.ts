import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import { LOWEST_RUNG, RUNGS, type Rung } from '../../src/contract/rungs.ts';
import type { PrepareOutcome } from '../../src/contract/store.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import type { Marks, Notes } from '../../src/state/dependencies.ts';
import {
  fakeDependencies,
  fakeMarks,
  fakeNotes,
  FakePresence,
} from '../support/fake-dependencies.ts';
import { FakeEngine, fakeGpu, type FakeEngineScript } from '../support/fake-engine.ts';
import {
  FAKE_ENTRY,
  fakeForm,
  fakeId,
  FakeStore,
  STORED_GUIDE,
  storedModel,
} from '../support/fake-store.ts';
import { until } from '../support/until.ts';

const ID = fakeId('a');
const ALL_FORMS = [
  fakeForm(ID, 'webgpu-f16'),
  fakeForm(ID, 'webgpu-f32'),
  fakeForm(ID, 'simd-int8'),
  fakeForm(ID, 'wasm-int8'),
];

const fault = (code: ErrorCode = 'self-test-failed') => new AppError(code, 'by this test');
const faultsOn = (...rungs: readonly Rung[]): FakeEngineScript['failRungs'] =>
  Object.fromEntries(rungs.map((rung) => [rung, fault()]));

/** A page on a device with a GPU that can do everything, and one model with all its forms, beside the guide. */
function openPage(
  part: {
    readonly script?: Partial<FakeEngineScript>;
    readonly store?: FakeStore;
    readonly notes?: Notes;
    readonly marks?: Marks;
    readonly presence?: FakePresence;
  } = {},
) {
  const {
    script = {},
    store = new FakeStore([storedModel({ forms: ALL_FORMS })]),
    notes = fakeNotes(),
    marks = fakeMarks(),
    presence = new FakePresence(),
  } = part;
  if (!store.models.includes(STORED_GUIDE)) store.models.push(STORED_GUIDE);
  const engine = new FakeEngine({ capability: fakeGpu(), ...script });
  const app = createAppState(fakeDependencies({ engine, store, notes, marks, presence }));
  return { app, engine, store, notes, marks, presence };
}

/** Of each load, but of those of the guide, which runs on the CPU. */
function rungsOf({ loads }: FakeEngine): readonly Rung[] {
  return loads
    .filter(({ folder }) => STORED_GUIDE.forms.every((form) => form.folder !== folder))
    .map(({ options }) => options.rung);
}

/** Writes down what it is about to do, and has done. */
class WatchedStore extends FakeStore {
  readonly doing: string[] = [];

  override async prepare(...request: Parameters<FakeStore['prepare']>): Promise<PrepareOutcome> {
    this.doing.push('prepare');
    const outcome = await super.prepare(...request);
    this.doing.push('prepared');
    return outcome;
  }

  override async removeForm(...request: Parameters<FakeStore['removeForm']>): Promise<void> {
    this.doing.push('remove');
    await super.removeForm(...request);
  }
}

const stepsOf = ({ ladder }: AppState) =>
  ladder.steps.value.map(({ from, to, code, during }) => `${from} → ${to}: ${code}, ${during}`);

describe('loading', () => {
  test('begins at the highest rung, with its own form', async () => {
    const { app, engine } = openPage();

    await app.models.start();

    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'webgpu-f16' });
    expect(engine.loads).toMatchObject([
      { folder: fakeForm(ID, 'webgpu-f16').folder, options: { rung: 'webgpu-f16' } },
    ]);
    expect(app.ladder.steps.value).toEqual([]);
  });

  test.each(RUNGS.slice(1).map((rung, at) => ({ rung, above: RUNGS.slice(0, at + 1) })))(
    'comes down to $rung when $above fail, and says so',
    async ({ rung, above }) => {
      const { app, engine } = openPage({ script: { failRungs: faultsOn(...above) } });

      await app.models.start();
      await app.conversation.ask('Hi');

      expect(rungsOf(engine)).toEqual([...above, rung]);
      expect(app.engine.value).toMatchObject({ type: 'ready', rung });
      expect(app.conversation.messages.value.at(-1)).toMatchObject({
        text: 'The capital is Paris.',
      });
      expect(stepsOf(app)).toEqual(
        above.map((from, at) => `${from} → ${RUNGS[at + 1]}: self-test-failed, loading`),
      );
    },
  );

  test('that fails on the lowest rung is a failure', async () => {
    const { app } = openPage({ script: { failRungs: faultsOn(...RUNGS) } });

    await app.models.start();

    expect(app.engine.value).toMatchObject({
      type: 'failed',
      error: { code: 'self-test-failed' },
      next: null,
    });
  });

  test('that fails for a file that is damaged does not blame the rung', async () => {
    const { app, engine } = openPage({ script: { failNextLoad: fault('compiled-damaged') } });

    await app.models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16', 'webgpu-f16']);
    expect(app.ladder.steps.value).toEqual([]);
  });

  test('builds the form that a lower rung needs, shows it, and lists it', async () => {
    const store = new FakeStore([storedModel({ forms: [fakeForm(ID, 'webgpu-f16')] })]);
    const { app } = openPage({
      store,
      script: { failRungs: faultsOn('webgpu-f16', 'webgpu-f16-fp32') },
    });
    const shown = new Set<string>();
    effect(() => {
      const { value } = app.engine;
      if (value.type === 'loading' && value.fraction === null) {
        for (const { phase, state } of value.arrived) if (state === 'running') shown.add(phase);
      }
    });

    await app.models.start();

    expect(store.targets).toEqual(['webgpu-f32']);
    expect([...shown]).toEqual(['compile']);
    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'webgpu-f32' });
    expect(app.models.shelf.value).toMatchObject({
      models: [{ forms: [{ target: 'webgpu-f32' }] }],
    });
  });

  test('takes away a form that every rung gave up', async () => {
    const { app, store } = openPage({
      script: { failRungs: faultsOn('webgpu-f16', 'webgpu-f16-fp32') },
    });

    await app.models.start();

    expect(store.models[0]?.forms.map(({ target }) => target)).toEqual([
      'webgpu-f32',
      'simd-int8',
      'wasm-int8',
    ]);
  });

  test('can be cancelled while a form is built', async () => {
    const store = new FakeStore([storedModel({ forms: [fakeForm(ID, 'webgpu-f16')] })]);
    const { app } = openPage({
      store,
      script: { failRungs: faultsOn('webgpu-f16', 'webgpu-f16-fp32') },
    });
    const stop = effect(() => {
      const { value } = app.engine;
      if (value.type === 'loading' && value.fraction === null) queueMicrotask(app.models.cancel);
    });

    await app.models.start();
    stop();

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: STORED_GUIDE.id } });
  });

  test('waits for the look at the device, and does without one that failed', async () => {
    const { app, engine } = openPage();
    engine.probe = () => Promise.reject(fault('worker-silent'));

    await app.models.start();

    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'simd-int8' });
    expect(app.ladder.current.value.capability).toEqual({
      gpu: { type: 'no-adapter' },
      threads: 2,
    });
  });
});

test('the guide runs on the CPU, also beside a GPU', async () => {
  const { app, engine } = openPage({ store: new FakeStore() });

  await app.models.start();

  expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'simd-int8' });
  expect(engine.loads).toHaveLength(1);
});

describe('preparing', () => {
  test('is for the target of the rung to begin at', async () => {
    const { app, store } = openPage({ store: new FakeStore() });
    await app.models.start();

    await app.models.get(FAKE_ENTRY);

    expect(store.targets).toEqual(['webgpu-f16']);
    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'webgpu-f16' });
  });

  test.each<ErrorCode>(['out-of-memory', 'worker-died', 'storage-full'])(
    'for the GPU that fails with %s is done for the CPU, and says so',
    async (code) => {
      const store = new FakeStore([], { failTargets: { 'webgpu-f16': fault(code) } });
      const { app, engine } = openPage({ store });
      await app.models.start();

      await app.models.get(FAKE_ENTRY);

      expect(store.targets).toEqual(['webgpu-f16', 'simd-int8']);
      expect(rungsOf(engine)).toEqual(['simd-int8']);
      expect(stepsOf(app)).toEqual([`webgpu-f16 → simd-int8: ${code}, preparing`]);
    },
  );

  test('for the GPU of a file that no hash is known of falls back alike', async () => {
    const store = new FakeStore([], { failTargets: { 'webgpu-f16': fault('internal') } });
    const { app } = openPage({ store });
    await app.models.start();

    await app.models.openFile(new File(['x'], 'model.gguf'));

    expect(store.targets).toEqual(['webgpu-f16', 'simd-int8']);
    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'simd-int8' });
  });

  test('a file that cannot be run is not tried for another target', async () => {
    const store = new FakeStore([], { failTargets: { 'webgpu-f16': fault('missing-tensor') } });
    const { app } = openPage({ store });
    await app.models.start();

    await app.models.get(FAKE_ENTRY);

    expect(store.targets).toEqual(['webgpu-f16']);
    expect(app.models.arrival.value).toMatchObject({
      type: 'failed',
      error: { code: 'missing-tensor' },
    });
  });

  test('one thing at a time: a form is not taken away in the middle of it', async () => {
    const store = new WatchedStore([storedModel({ forms: ALL_FORMS })]);
    const { app } = openPage({ store });
    await app.models.start();

    const getting = app.models.get(FAKE_ENTRY);
    await app.models.removeForm(ID, 'simd-int8');
    await getting;

    expect(store.doing).toEqual(['prepare', 'prepared', 'remove']);
    expect(store.models.find(({ id }) => id === ID)?.forms).toHaveLength(3);
  });
});

describe('in the middle of an answer', () => {
  const lost = () => fault('webgpu-lost');
  const lastMessage = ({ conversation }: AppState) => conversation.messages.value.at(-1);

  test.each<ErrorCode>([
    'webgpu-lost',
    'out-of-memory',
    'worker-died',
    'worker-silent',
    'runtime-failed',
  ])('%s keeps the text, loads the next rung, and the answer can go on there', async (code) => {
    const { app, engine } = openPage({
      script: { failNextAnswer: { error: fault(code), afterTokens: 2 } },
    });
    await app.models.start();

    await app.conversation.ask('Hi');
    const broken = lastMessage(app);
    await until(() => app.engine.value.type === 'ready');
    await app.conversation.goOn();

    expect(broken).toMatchObject({
      text: 'The capital',
      ending: { type: 'broken', error: { code } },
    });
    expect(rungsOf(engine)).toEqual(['webgpu-f16', 'webgpu-f16-fp32']);
    expect(engine.requests[1]?.begun).toEqual([1000, 1001]);
    expect(lastMessage(app)).toMatchObject({ text: 'The capital is Paris.' });
    expect(stepsOf(app)).toEqual([`webgpu-f16 → webgpu-f16-fp32: ${code}, answering`]);
  });

  test('with nothing written yet, the next rung answers by itself', async () => {
    const { app, engine } = openPage({
      script: { failNextAnswer: { error: lost(), afterTokens: 0 } },
    });
    await app.models.start();

    await app.conversation.ask('Hi');

    expect(rungsOf(engine)).toEqual(['webgpu-f16', 'webgpu-f16-fp32']);
    expect(lastMessage(app)).toMatchObject({ text: 'The capital is Paris.', begunTokens: 0 });
  });

  test('a thread that died on the CPU starts it again on the same rung, which is no step', async () => {
    const { app, engine } = openPage({
      script: {
        capability: { gpu: { type: 'no-webgpu' }, threads: 2 },
        failNextAnswer: { error: fault('worker-died'), afterTokens: 0 },
      },
    });
    await app.models.start();

    await app.conversation.ask('Hi');

    expect(rungsOf(engine)).toEqual(['simd-int8', 'simd-int8']);
    expect(lastMessage(app)).toMatchObject({ text: 'The capital is Paris.' });
    expect(app.ladder.steps.value).toEqual([]);
  });

  test('what the CPU has no memory for is not tried on the rung that needs more', async () => {
    const { app, engine } = openPage({
      script: {
        capability: { gpu: { type: 'no-webgpu' }, threads: 2 },
        failNextLoad: fault('out-of-memory'),
      },
    });
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['simd-int8']);
    expect(app.engine.value).toMatchObject({ type: 'failed', error: { code: 'out-of-memory' } });
  });

  test('a failure on the lowest rung is told once and not tried again by itself', async () => {
    const { app, engine } = openPage({
      notes: fakeNotes({ 'offgrid.pinned-rung': LOWEST_RUNG }),
      script: {
        capability: { gpu: { type: 'no-webgpu' }, threads: 2 },
        failNextAnswer: { error: fault('worker-died'), afterTokens: 0 },
      },
    });
    await app.models.start();

    await app.conversation.ask('Hi');

    expect(engine.loads).toHaveLength(1);
    expect(lastMessage(app)).toMatchObject({ ending: { type: 'broken' } });
    expect(app.ladder.steps.value).toEqual([]);
  });

  test('an engine that had to be ended to stop an answer steps down too, and the person has stopped it', async () => {
    const { app, engine } = openPage({
      script: {
        failNextAnswer: { error: fault('worker-died'), afterTokens: 2 },
        ignoresCancel: true,
      },
    });
    await app.models.start();
    const stop = effect(() => {
      if (app.conversation.live.value?.text.value === 'The') app.conversation.stop();
    });

    await app.conversation.ask('Hi');
    stop();
    await until(() => app.engine.value.type === 'ready');

    expect(lastMessage(app)).toMatchObject({ ending: { type: 'ended', reason: 'cancelled' } });
    expect(rungsOf(engine)).toEqual(['webgpu-f16', 'webgpu-f16-fp32']);
  });

  test('a request that is refused blames no rung', async () => {
    const { app, engine } = openPage({
      script: { failNextAnswer: { error: fault('prompt-too-long'), afterTokens: 0 } },
    });
    await app.models.start();

    await app.conversation.ask('Hi');

    expect(engine.loads).toHaveLength(1);
    expect(app.engine.value).toMatchObject({ type: 'ready', rung: 'webgpu-f16' });
  });

  test('once lost, a rung that had worked has a second chance at the next visit', async () => {
    const notes = fakeNotes();
    const first = openPage({
      notes,
      script: { failNextAnswer: { error: lost(), afterTokens: 2 } },
    });
    await first.app.models.start();
    await first.app.conversation.ask('Hi');
    const second = openPage({
      notes,
      script: { failNextAnswer: { error: lost(), afterTokens: 2 } },
    });
    await second.app.models.start();
    await second.app.conversation.ask('Hi');
    const third = openPage({ notes });
    await third.app.models.start();

    expect(rungsOf(second.engine)[0]).toBe('webgpu-f16');
    expect(rungsOf(third.engine)).toEqual(['webgpu-f16-fp32']);
  });
});

describe('the next visit', () => {
  test('does not try again what failed', async () => {
    const notes = fakeNotes();
    const script = { failRungs: faultsOn('webgpu-f16') };
    await openPage({ notes, script }).app.models.start();

    const { app, engine } = openPage({ notes, script });
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16-fp32']);
    expect(app.ladder.steps.value).toEqual([]);
    expect(app.ladder.survey(ID)).toMatchObject([
      { obstacle: { failure: { code: 'self-test-failed', message: 'by this test' } } },
      { rung: 'webgpu-f16-fp32', obstacle: null },
      { rung: 'webgpu-f32', obstacle: null },
      { rung: 'simd-int8', obstacle: null },
      { rung: 'wasm-int8', obstacle: null },
    ]);
  });

  test('tries everything again on another browser version', async () => {
    const notes = fakeNotes();
    await openPage({ notes, script: { failRungs: faultsOn('webgpu-f16') } }).app.models.start();
    const engine = new FakeEngine({ capability: fakeGpu() });
    const store = new FakeStore([storedModel({ forms: ALL_FORMS })]);
    const versions = { browser: 'Fake/2', runtime: '1.0', compiler: 1 };

    await createAppState(fakeDependencies({ notes, engine, store, versions })).models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16']);
  });

  test('tries everything again when the person says so', async () => {
    const notes = fakeNotes();
    await openPage({ notes, script: { failRungs: faultsOn('webgpu-f16') } }).app.models.start();
    const { app, engine } = openPage({ notes });
    await app.models.start();

    await app.models.tryAllRungs();

    expect(rungsOf(engine)).toEqual(['webgpu-f16-fp32', 'webgpu-f16']);
  });

  test('keeps to the rung that the person chose, until another is chosen', async () => {
    const notes = fakeNotes();
    const first = openPage({ notes });
    await first.app.models.start();
    first.app.models.chooseRung('simd-int8');
    await first.app.models.reload();
    const second = openPage({ notes });
    await second.app.models.start();
    second.app.models.chooseRung(null);
    await second.app.models.reload();

    expect(rungsOf(first.engine)).toEqual(['webgpu-f16', 'simd-int8']);
    expect(rungsOf(second.engine)).toEqual(['simd-int8', 'webgpu-f16']);
  });
});

describe('after the page died', () => {
  let deaths = 0;
  /** A page that died while it did what it was doing when `isThere` held; what it knew lives on. */
  async function dieWhen(
    isThere: (app: AppState) => boolean,
    store?: FakeStore,
    left = { notes: fakeNotes(), marks: fakeMarks() },
  ) {
    const presence = new FakePresence(`died-${++deaths}`, new Set());
    let isDead = false;
    const marks: Marks = {
      ...left.marks,
      lay: (name) => void (isDead || left.marks.lay(name)),
      lift: (name) => void (isDead || left.marks.lift(name)),
    };
    const page = openPage({ ...left, marks, presence, ...(store === undefined ? {} : { store }) });
    void page.app.models.start();
    await until(() => isThere(page.app));
    page.engine.script.pause = () => new Promise(() => {});
    page.store.script.pause = () => new Promise(() => {});
    presence.die();
    isDead = true;
    return left;
  }
  const isLoading = ({ engine: { value } }: AppState) =>
    value.type === 'loading' && (value.fraction ?? 0) > 0;

  test('during a load, the next start is one rung lower, and says why', async () => {
    const left = await dieWhen(isLoading);

    const { app, engine } = openPage(left);
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16-fp32']);
    expect(stepsOf(app)).toEqual(['webgpu-f16 → webgpu-f16-fp32: page-died, last-visit']);
  });

  test('every time, the ladder is gone down to the CPU, where the person is asked', async () => {
    const left = { notes: fakeNotes(), marks: fakeMarks() };
    for (const _ of RUNGS.slice(0, RUNGS.indexOf('simd-int8') + 1))
      await dieWhen(isLoading, undefined, left);
    const { app, engine } = openPage(left);

    await app.models.start();
    const asked = app.engine.value;
    const loadsBefore = engine.loads.length;
    await app.conversation.ask('Hi');

    expect(asked).toMatchObject({ type: 'failed', error: { code: 'page-died' } });
    expect(loadsBefore).toBe(0);
    expect(rungsOf(engine)).toEqual(['simd-int8']);
    expect(app.conversation.messages.value.at(-1)).toMatchObject({ text: 'The capital is Paris.' });
  });

  test('while a form for the GPU was built, the CPU is next', async () => {
    const compiles = ({ models: { arrival } }: AppState) =>
      arrival.value.type === 'preparing' &&
      arrival.value.phases.some(({ phase, state }) => phase === 'compile' && state === 'running');
    const store = new FakeStore([storedModel({ forms: [] })]);
    const left = await dieWhen(compiles, store);

    const { app, engine } = openPage({
      ...left,
      store: new FakeStore([storedModel({ forms: [] })]),
    });
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['simd-int8']);
    expect(stepsOf(app)).toEqual(['webgpu-f16 → simd-int8: page-died, last-visit']);
  });

  test('and the person wants it tried again, it is', async () => {
    const left = await dieWhen(isLoading);
    const { app, engine } = openPage(left);
    await app.models.start();

    await app.models.tryAllRungs();

    expect(rungsOf(engine).at(-1)).toBe('webgpu-f16');
    expect(app.ladder.steps.value).toEqual([]);
  });

  test('with another model, this one is not held to it', async () => {
    const left = await dieWhen(isLoading);
    const store = new FakeStore([
      storedModel({ id: fakeId('b'), forms: [fakeForm(fakeId('b'), 'webgpu-f16')] }),
    ]);

    const { app, engine } = openPage({ ...left, store });
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16']);
    expect(app.ladder.steps.value).toMatchObject([{ model: ID }]);
  });

  test('a load that ended leaves nothing to find', async () => {
    const left = { notes: fakeNotes(), marks: fakeMarks() };
    const before = openPage({ ...left, presence: new FakePresence('before', new Set()) });
    await before.app.models.start();
    before.presence.die();

    const { app, engine } = openPage(left);
    await app.models.start();

    expect(rungsOf(engine)).toEqual(['webgpu-f16']);
  });
});
