import { describe, expect, test, vi } from 'vitest';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import type { Answer } from '../../src/state/messages.ts';
import type { Trace } from '../../src/state/traces.ts';
import { FakeClock, fakeDependencies } from '../support/fake-dependencies.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeId, FakeStore, storedModel } from '../support/fake-store.ts';
import { surpriseLevel } from '../../src/ui/inspector/token-figures.ts';

async function readyApp() {
  const engine = new FakeEngine();
  const dependencies = fakeDependencies({ engine, store: new FakeStore([storedModel()]) });
  const app = createAppState(dependencies);
  await app.models.start();
  return { app, engine, dependencies };
}

function lastAnswer({ conversation }: AppState): Answer {
  const message = conversation.messages.value.at(-1);
  if (message?.role !== 'assistant') throw new Error('the last message is no answer');
  return message;
}

async function traceOf(app: AppState, { id }: Answer): Promise<Trace> {
  const trace = await app.traces.read(id);
  if (trace === null) throw new Error('nothing is known of the answer');
  return trace;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('how an answer came about', () => {
  test('is known token by token, with the prompt as the model read it', async () => {
    const { app } = await readyApp();
    await app.conversation.ask('One?');

    const { firstToken, tokens, prompt } = await traceOf(app, lastAnswer(app));

    expect(firstToken).toBe(0);
    expect(tokens.map(({ text }) => text)).toEqual(['The', ' capital', ' is', ' Paris', '.']);
    expect(tokens[1]?.alternatives.map(({ text }) => text)).toEqual([
      ' capital',
      ' else',
      '<|im_end|>',
    ]);
    expect(prompt?.pieces.map(({ text }) => text)).toEqual([
      'You are a helpful assistant.',
      'One?',
    ]);
  });

  test('is there for the next page, and gone with its conversation until that is undone', async () => {
    const { app, dependencies } = await readyApp();
    await app.conversation.ask('One?');
    const { id } = lastAnswer(app);
    const conversation = app.conversation.id.value;
    await settle();
    const { conversations } = dependencies;
    const kept = await conversations.readTrace(conversation, id);

    await app.library.remove(conversation);
    const gone = await conversations.readTrace(conversation, id);
    await app.library.undoRemove();

    expect(kept?.tokens).toHaveLength(5);
    expect(gone).toBeNull();
    expect(await conversations.readTrace(conversation, id)).toEqual(kept);
  });

  test('is written in small parts while it comes about, and the end of a long answer writes no more than that of a short one', async () => {
    const clock = new FakeClock();
    const engine = new FakeEngine({ tokens: Array.from({ length: 1000 }, () => ' so') });
    const store = new FakeStore([storedModel()]);
    const dependencies = fakeDependencies({ engine, store, clock });
    const { conversations } = dependencies;
    const app = createAppState(dependencies);
    await app.models.start();
    let atTheEnd = 0;
    engine.script.pause = async () => {
      clock.advance(10);
      await yieldToEvents();
      atTheEnd = conversations.tracedTokens.length;
    };
    await app.conversation.ask('Long?');
    await settle();

    const kept = await conversations.readTrace(app.conversation.id.value, lastAnswer(app).id);

    expect(kept?.tokens).toEqual((await traceOf(app, lastAnswer(app))).tokens);
    expect(kept?.prompt?.pieces).toHaveLength(2);
    expect(Math.max(...conversations.tracedTokens)).toBeLessThanOrEqual(128);
    expect(conversations.tracedTokens.length - atTheEnd).toBeLessThanOrEqual(3);
    expect(conversations.tracedTokens.reduce((sum, tokens) => sum + tokens)).toBeLessThan(2000);
  });

  test('is known of what was written when the tab died', async () => {
    const clock = new FakeClock();
    const engine = new FakeEngine({ tokens: Array.from({ length: 300 }, () => ' so') });
    const dependencies = fakeDependencies({
      engine,
      store: new FakeStore([storedModel()]),
      clock,
    });
    const app = createAppState(dependencies);
    await app.models.start();
    let steps = 0;
    engine.script.pause = async () => {
      clock.advance(10);
      await (++steps < 250 ? yieldToEvents() : new Promise(() => {})); // dead
    };
    void app.conversation.ask('Long?');
    await vi.waitFor(() => expect(steps).toBe(250));
    const id = app.conversation.id.value;
    const { conversations } = dependencies;

    // What was given to the store by then is written in a moment.
    await vi.waitFor(async () => {
      const [, broken] = conversations.peek(id)?.messages ?? [];
      const kept = broken === undefined ? null : await conversations.readTrace(id, broken.id);

      expect(kept?.tokens.length).toBeGreaterThan(50);
      expect(kept?.tokens.map((token) => token.id)).toEqual(
        broken?.role === 'assistant' ? broken.tokenIds : null,
      );
    });
  });

  test('of a temporary conversation is in memory only', async () => {
    const { app, dependencies } = await readyApp();
    app.conversation.startAnew('temporary');
    await app.conversation.ask('One?');
    await settle();

    const trace = await app.traces.read(lastAnswer(app).id);

    expect(trace?.tokens).toHaveLength(5);
    expect(await dependencies.conversations.readTraces(app.conversation.id.value)).toEqual([]);
  });
});

describe('a token in place of another', () => {
  test('begins a branch that goes on from there, and the first answer stays', async () => {
    const { app, engine } = await readyApp();
    await app.conversation.ask('One?');
    const first = lastAnswer(app);
    const trace = await traceOf(app, first);
    const other = trace.tokens[1]?.alternatives[1];
    if (other === undefined) throw new Error('no alternative');

    await app.conversation.fork(first, trace, 1, other);

    const second = lastAnswer(app);
    expect(engine.requests[1]).toMatchObject({
      messages: engine.requests[0]?.messages,
      begun: [1000, 2001],
      sampling: { seed: first.seed },
    });
    expect(second.text).toBe('The else is Paris.');
    expect(app.conversation.placeOf(second)).toMatchObject({ at: 2, of: 2, previousId: first.id });
    const forked = await traceOf(app, second);
    expect(forked.tokens.map(({ id }) => id)).toEqual(second.tokenIds);
    app.conversation.turnTo(first.id);
    expect(lastAnswer(app)).toEqual(first);
  });

  test('is not taken when it is a control token, or when another model is in memory', async () => {
    const { app, engine } = await readyApp();
    await app.conversation.ask('One?');
    const answer = lastAnswer(app);
    const trace = await traceOf(app, answer);
    const [, other, control] = trace.tokens[0]?.alternatives ?? [];
    if (other === undefined || control === undefined) throw new Error('no alternatives');

    await app.conversation.fork(answer, trace, 0, control);
    await app.models.open(storedModel({ id: fakeId('b') }));
    await app.conversation.fork(answer, trace, 0, other);

    expect(engine.requests).toHaveLength(1);
  });
});

test.each([
  [1, 0],
  [0.7, 1],
  [0.5, 2],
  [0.3, 3],
  [0.1, 4],
  [0.001, 5],
  [0, 5],
])('a token that was expected with %d has the surprise level %i', (before, level) => {
  const token = { id: 1, text: 'a', logprob: 0, atMs: 0, entropyNats: 0, alternatives: [] };

  expect(surpriseLevel({ ...token, before })).toBe(level);
});
