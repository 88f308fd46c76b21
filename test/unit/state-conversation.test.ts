import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import { promptOf, type Answer, type Message } from '../../src/state/messages.ts';
import { answer, question } from '../support/messages.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine, type FakeEngineScript } from '../support/fake-engine.ts';
import { fakeForm, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';
import { until } from '../support/until.ts';

/** On the lowest rung, where a failure leads nowhere else: state-ladder.test.ts has the others. */
async function readyApp(script: Partial<FakeEngineScript> = {}) {
  const engine = new FakeEngine(script);
  const store = new FakeStore([storedModel({ forms: [fakeForm(fakeId('a'), 'wasm-int8')] })]);
  const notes = fakeNotes({ 'offgrid.pinned-rung': 'wasm-int8' });
  const dependencies = fakeDependencies({ engine, store, notes });
  const app = createAppState(dependencies);
  await app.models.start();
  return { app, engine, store, dependencies };
}

function textAppears({ conversation }: AppState): Promise<void> {
  return new Promise((resolve) => {
    effect(() => void ((conversation.live.value?.text.value ?? '') !== '' && resolve()));
  });
}

function lastAnswer(messages: readonly Message[]): Answer {
  const message = messages.at(-1);
  if (message?.role !== 'assistant') throw new Error('the last message is no answer');
  return message;
}

describe('asking', () => {
  test('an answer is written word by word and then kept with its numbers', async () => {
    const { app } = await readyApp();
    const texts: string[] = [];
    effect(() => {
      const text = app.conversation.live.value?.text.value;
      if (text !== undefined && text !== '') texts.push(text);
    });

    await app.conversation.ask(' What is the capital of France? ');

    expect(texts.slice(0, 2)).toEqual(['The', 'The capital']);
    expect(app.conversation.live.value).toBeNull();
    expect(app.conversation.messages.value).toMatchObject([
      { role: 'user', text: 'What is the capital of France?' },
      {
        role: 'assistant',
        text: 'The capital is Paris.',
        tokenIds: [1000, 1001, 1002, 1003, 1004],
        model: { id: fakeId('a'), title: 'Qwen2.5 0.5B Instruct' },
        seed: 7,
        ending: { type: 'ended', reason: 'stop', summary: { newTokens: 5 } },
      },
    ]);
  });

  test('the next prompt repeats the ids of the last answer, so that the cache is found', async () => {
    const { app, engine } = await readyApp();

    await app.conversation.ask('One?');
    await app.conversation.ask('Two?');

    expect(engine.requests[1]?.messages).toEqual([
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'One?' },
      {
        role: 'assistant',
        content: 'The capital is Paris.',
        tokenIds: [1000, 1001, 1002, 1003, 1004],
      },
      { role: 'user', content: 'Two?' },
    ]);
  });

  test('settings go with the question, a fixed seed too', async () => {
    const { app, engine } = await readyApp();
    app.settings.change({ seed: 42, temperature: 0, maxNewTokens: 9, stopStrings: ['x'] });

    await app.conversation.ask('Hi');

    expect(engine.requests[0]).toMatchObject({
      sampling: { temperature: 0, topK: 20, topP: 0.8, minP: 0, repetitionPenalty: 1.1, seed: 42 },
      maxNewTokens: 9,
      stopStrings: ['x'],
    });
    expect(engine.requests[0]?.sampling).not.toHaveProperty('contextTokens');
  });

  test('nothing is asked without a text, without a model, or during an answer', async () => {
    const { app, engine } = await readyApp();
    const empty = createAppState(fakeDependencies());

    await app.conversation.ask('  ');
    await empty.conversation.ask('Hello?');
    const first = app.conversation.ask('One?');
    await app.conversation.ask('Two?');
    await first;

    expect(engine.requests).toHaveLength(1);
    expect(empty.conversation.messages.value).toEqual([]);
  });

  test('a question asked while the model loads is answered when it is loaded', async () => {
    const app = createAppState(fakeDependencies({ store: new FakeStore([storedModel()]) }));
    const starting = app.models.start();
    await new Promise<void>((resolve) => {
      effect(() => void (app.engine.value.type === 'loading' && resolve()));
    });

    const asked = app.conversation.ask('Hi');
    await until(() => app.conversation.live.value?.stage.value.type === 'waking');
    await Promise.all([asked, starting]);

    expect(lastAnswer(app.conversation.messages.value).text).toBe('The capital is Paris.');
  });
});

test('an answer that waits for the rules of the site says so, and comes when they are told', async () => {
  let tell: (file: null) => void = () => {};
  const app = createAppState({
    ...fakeDependencies({ store: new FakeStore([storedModel()]) }),
    readPolicyFile: () => new Promise<null>((resolve) => (tell = resolve)),
  });
  await app.models.start();

  const asked = app.conversation.ask('Hi');
  await new Promise((resolve) => setTimeout(resolve));
  const stage = app.conversation.live.value?.stage.value;
  tell(null);
  await asked;

  expect(stage).toEqual({ type: 'checking' });
  expect(lastAnswer(app.conversation.messages.value).text).toBe('The capital is Paris.');
});

describe('stopping', () => {
  test('keeps what was written', async () => {
    const { app } = await readyApp();
    const stop = effect(() => {
      if (app.conversation.live.value?.text.value === 'The capital') app.conversation.stop();
    });

    await app.conversation.ask('Hi');
    stop();

    expect(lastAnswer(app.conversation.messages.value)).toMatchObject({
      text: 'The capital',
      ending: { type: 'ended', reason: 'cancelled' },
    });
    expect(app.engine.value.type).toBe('ready');
  });

  test('is in view until the engine has ended', async () => {
    const { app } = await readyApp({ ignoresCancel: true });
    const asked = app.conversation.ask('Hi');
    await textAppears(app);
    const isStopping = () => app.conversation.live.value?.isStopping.value;
    const before = isStopping();

    app.conversation.stop();
    const during = isStopping();
    await asked;

    expect([before, during, isStopping()]).toEqual([false, true, undefined]);
  });

  test('a worker that had to be ended because it did not stop counts as stopped', async () => {
    const { app, engine } = await readyApp();
    const error = new AppError('worker-died', 'no ending came after the request to stop');
    engine.script.failNextAnswer = { error, afterTokens: 2 };
    engine.script.ignoresCancel = true;
    const stop = effect(() => {
      if (app.conversation.live.value?.text.value === 'The') app.conversation.stop();
    });

    await app.conversation.ask('Hi');
    stop();

    expect(lastAnswer(app.conversation.messages.value)).toMatchObject({
      text: 'The capital',
      ending: { type: 'ended', reason: 'cancelled' },
    });
    expect(app.engine.value.type).toBe('failed');
  });

  test('a new conversation takes a running answer with it, and can be asked at once', async () => {
    const { app, engine } = await readyApp();

    const old = app.conversation.ask('Old?');
    await textAppears(app);
    app.conversation.startAnew();
    await app.conversation.ask('New?');
    await old;

    expect(app.conversation.messages.value.map(({ text }) => text)).toEqual([
      'New?',
      'The capital is Paris.',
    ]);
    expect(engine.requests.at(-1)?.messages.map(({ content }) => content)).not.toContain('Old?');
  });
});

describe('when the engine fails', () => {
  test('its death in mid-answer keeps the text, and the next question loads the model again', async () => {
    const { app, engine } = await readyApp();
    const error = new AppError('worker-died', 'killed by this test');
    engine.script.failNextAnswer = { error, afterTokens: 2 };

    await app.conversation.ask('One?');
    const broken = lastAnswer(app.conversation.messages.value);
    const state = app.engine.value;
    await app.conversation.ask('Two?');

    expect(broken).toMatchObject({ text: 'The capital', ending: { type: 'broken', error } });
    expect(state).toMatchObject({ type: 'failed', error });
    expect(engine.loads).toHaveLength(2);
    expect(lastAnswer(app.conversation.messages.value).text).toBe('The capital is Paris.');
  });

  test('a request it refuses leaves it ready', async () => {
    const { app, engine } = await readyApp();
    const error = new AppError('prompt-too-long', '5000 of 4096');
    engine.script.failNextAnswer = { error, afterTokens: 0 };

    await app.conversation.ask('Long');
    await app.conversation.ask('Short');

    expect(engine.loads).toHaveLength(1);
    expect(engine.requests[1]?.messages.map(({ content }) => content)).not.toContain('Long');
  });

  test('trying again asks the same question, in a branch beside the first', async () => {
    const { app, engine } = await readyApp();
    const error = new AppError('worker-silent', 'stalled by this test');
    engine.script.failNextAnswer = { error, afterTokens: 1 };
    await app.conversation.ask('One?');
    const first = lastAnswer(app.conversation.messages.value);

    await app.conversation.retry();

    const second = lastAnswer(app.conversation.messages.value);
    expect(app.conversation.messages.value.map(({ text }) => text)).toEqual([
      'One?',
      'The capital is Paris.',
    ]);
    expect(engine.requests[1]?.messages).toEqual(engine.requests[0]?.messages);
    expect(app.conversation.placeOf(second)).toMatchObject({ at: 2, of: 2, previousId: first.id });
  });

  test('what keeps the model from loading is said under the question', async () => {
    const { app, engine } = await readyApp();
    const death = new AppError('worker-died', 'killed by this test');
    engine.script.failNextAnswer = { error: death, afterTokens: 0 };
    await app.conversation.ask('One?');
    engine.script.failNextLoad = new AppError('out-of-memory', 'no room');

    await app.conversation.ask('Two?');

    expect(lastAnswer(app.conversation.messages.value).ending).toMatchObject({
      type: 'broken',
      error: { code: 'out-of-memory' },
    });
  });

  test('the gauge stops with the answer, however it ends', async () => {
    const { app, engine, dependencies } = await readyApp();
    const error = new AppError('worker-died', 'killed by this test');
    engine.script.failNextAnswer = { error, afterTokens: 2 };

    await app.conversation.ask('One?');

    expect(dependencies.clock.timers).toBe(0);
    expect(app.speedometer.perSecond.value).toBeNull();
  });
});

describe('an answer that broke off', () => {
  const death = () => new AppError('worker-died', 'killed by this test');

  async function brokenApp(afterTokens = 2) {
    const page = await readyApp({ failNextAnswer: { error: death(), afterTokens } });
    await page.app.conversation.ask('One?');
    return page;
  }

  test('goes on where it stopped, as one answer', async () => {
    const { app, engine } = await brokenApp();
    app.settings.change({ maxNewTokens: 100 });
    const before = app.conversation.canGoOn.value;

    await app.conversation.goOn();

    expect(before).toBe(true);
    expect(app.conversation.messages.value).toMatchObject([
      { role: 'user', text: 'One?' },
      {
        text: 'The capital is Paris.',
        tokenIds: [1000, 1001, 1002, 1003, 1004],
        begunTokens: 2,
        seed: 7,
        ending: { type: 'ended', reason: 'stop', summary: { newTokens: 3 } },
      },
    ]);
    expect(engine.requests[1]).toMatchObject({
      messages: engine.requests[0]?.messages,
      begun: [1000, 1001],
      sampling: { seed: 7 },
      maxNewTokens: 98,
    });
    expect(app.conversation.canGoOn.value).toBe(false);
  });

  test('shows what was written while it goes on', async () => {
    const { app } = await brokenApp();
    const texts: string[] = [];
    const stop = effect(() => {
      const text = app.conversation.live.value?.text.value;
      if (text !== undefined) texts.push(text);
    });

    await app.conversation.goOn();
    stop();

    expect(texts).toEqual([
      'The capital',
      'The capital is',
      'The capital is Paris',
      'The capital is Paris.',
    ]);
  });

  test('may break off again and still go on', async () => {
    const { app, engine } = await brokenApp();
    engine.script.failNextAnswer = { error: death(), afterTokens: 4 };

    await app.conversation.goOn();
    const again = lastAnswer(app.conversation.messages.value);
    await app.conversation.goOn();

    expect(again).toMatchObject({ text: 'The capital is Paris', ending: { type: 'broken' } });
    expect(lastAnswer(app.conversation.messages.value)).toMatchObject({
      text: 'The capital is Paris.',
      begunTokens: 4,
    });
  });

  test('keeps what was written when the model cannot be loaded to go on', async () => {
    const { app, engine } = await brokenApp();
    engine.script.failNextLoad = new AppError('out-of-memory', 'no room');

    await app.conversation.goOn();

    expect(lastAnswer(app.conversation.messages.value)).toMatchObject({
      text: 'The capital',
      ending: { type: 'broken', error: { code: 'out-of-memory' } },
    });
    expect(app.conversation.canGoOn.value).toBe(true);
  });

  test('stopped while it goes on, keeps all of it', async () => {
    const { app } = await brokenApp();
    const stop = effect(() => {
      if (app.conversation.live.value?.text.value === 'The capital is') app.conversation.stop();
    });

    await app.conversation.goOn();
    stop();

    expect(lastAnswer(app.conversation.messages.value)).toMatchObject({
      text: 'The capital is',
      ending: { type: 'ended', reason: 'cancelled' },
    });
  });

  test.each<[string, (app: AppState) => unknown]>([
    ['with nothing written', () => {}],
    ['of a conversation that is gone', ({ conversation }) => conversation.startAnew()],
    ['that was asked again', ({ conversation }) => conversation.retry()],
  ])('%s does not go on', async (what, act) => {
    const { app, engine } = await brokenApp(what === 'with nothing written' ? 0 : 2);
    await act(app);
    const asked = engine.requests.length;

    await app.conversation.goOn();

    expect(app.conversation.canGoOn.value).toBe(false);
    expect(engine.requests).toHaveLength(asked);
  });

  test('does not go on with another model, to which its ids mean something else', async () => {
    const { app } = await brokenApp();

    await app.models.open(storedModel({ id: fakeId('b') }));

    expect(app.engine.value).toMatchObject({ type: 'ready', model: { id: fakeId('b') } });
    expect(app.conversation.canGoOn.value).toBe(false);
  });
});

describe('the prompt of a conversation', () => {
  test('leaves out questions that got no text', () => {
    const earlier: Message[] = [
      question('1', 'unanswered'),
      answer('2', ''),
      question('3', 'answered'),
      answer('4', 'first'),
    ];

    const prompt = promptOf(earlier, question('6', 'now'), '', fakeId('a'));

    expect(prompt).toEqual([
      { role: 'user', content: 'answered' },
      { role: 'assistant', content: 'first', tokenIds: [1, 2] },
      { role: 'user', content: 'now' },
    ]);
  });

  test('keeps the answers of another model as text, for its ids mean something else', () => {
    const earlier: Message[] = [question('1', 'hello'), answer('2', 'good day')];

    const prompt = promptOf(earlier, question('3', 'now'), '', fakeId('b'));

    expect(prompt[1]).toEqual({ role: 'assistant', content: 'good day' });
  });

  test('keeps what ended at a stop string as text, for its last ids are not part of it', () => {
    const ending = { type: 'ended', reason: 'stop-string', summary: null } as const;
    const earlier: Message[] = [question('1', 'hello'), answer('2', 'good day', { ending })];

    const prompt = promptOf(earlier, question('3', 'now'), '', fakeId('a'));

    expect(prompt[1]).toEqual({ role: 'assistant', content: 'good day' });
  });
});
