import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState, type AppState } from '../../src/state/app-state.ts';
import type { MessageId } from '../../src/state/messages.ts';
import type { ConversationId } from '../../src/storage/records.ts';
import { FakeConversationStore } from '../support/fake-conversation-store.ts';
import {
  FakeClock,
  fakeDependencies,
  fakeNotes,
  type FakeDependencies,
} from '../support/fake-dependencies.ts';
import { FakeEngine, type FakeEngineScript } from '../support/fake-engine.ts';
import { FakeStore, storedModel } from '../support/fake-store.ts';
import { manyConversations } from '../support/saved-conversations.ts';

interface Place {
  readonly conversations: FakeConversationStore;
  readonly tabNotes: FakeDependencies['tabNotes'];
}

let pages = 0;

/** A page with a model, over conversations that may have been there before. */
async function openPage(script: Partial<FakeEngineScript> = {}, place: Partial<Place> = {}) {
  const engine = new FakeEngine(script);
  const page = ++pages;
  let ids = 0;
  const dependencies = fakeDependencies({
    engine,
    store: new FakeStore([storedModel()]),
    newId: () => `page-${page}-${++ids}`,
    ...place,
  });
  const app = createAppState(dependencies);
  await Promise.all([app.library.start(), app.models.start()]);
  return { app, engine, dependencies };
}

const placeOf = ({ conversations, tabNotes }: FakeDependencies): Place => ({
  conversations,
  tabNotes,
});
const texts = ({ conversation }: AppState) => conversation.messages.value.map(({ text }) => text);
const titles = ({ library }: AppState) => library.list.value?.map(({ title }) => title);
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Resolves when the running answer reads like this. */
function untilWritten({ conversation }: AppState, text: string): Promise<void> {
  return new Promise((resolve) => {
    effect(() => void (conversation.live.value?.text.value === text && resolve()));
  });
}

function idOf(app: AppState, index: number): MessageId {
  const message = app.conversation.messages.value[index];
  if (message === undefined) throw new Error(`no message ${index}`);
  return message.id;
}

describe('a conversation', () => {
  test('is kept under its first words, and is there for the next page with all its numbers', async () => {
    const { app, dependencies } = await openPage();
    await app.conversation.ask('What is the capital of France?');
    const said = app.conversation.messages.value;
    await settle();

    const { app: next } = await openPage({}, { conversations: dependencies.conversations });
    const [record] = next.library.list.value ?? [];
    await next.library.open(record?.id as ConversationId);

    expect(titles(next)).toEqual(['What is the capital of France?']);
    expect(next.conversation.messages.value).toEqual(said);
  });

  test('that was open is open again when the tab is loaded again, and not in another tab', async () => {
    const { app, dependencies } = await openPage();
    await app.conversation.ask('Hello?');
    await settle();
    const { conversations, tabNotes } = dependencies;

    const { app: again } = await openPage({}, { conversations, tabNotes });
    const { app: other } = await openPage({}, { conversations });

    expect(texts(again)).toEqual(['Hello?', 'The capital is Paris.']);
    expect(texts(other)).toEqual([]);
  });

  test('can be read without any model', async () => {
    const { app, dependencies } = await openPage();
    await app.conversation.ask('Hello?');
    await settle();
    const { conversations, tabNotes } = dependencies;

    const bare = createAppState(fakeDependencies({ conversations, tabNotes }));
    await bare.library.start();

    expect(texts(bare)).toEqual(['Hello?', 'The capital is Paris.']);
    expect(bare.conversation.canAsk.value).toBe(false);
  });

  test('that is left in mid-answer keeps what was written', async () => {
    const { app, dependencies } = await openPage();
    void app.conversation.ask('Long?');
    await untilWritten(app, 'The capital');
    const id = app.conversation.id.value;

    app.conversation.startAnew();
    await settle();
    await app.library.open(id);

    expect(texts(app)).toEqual(['Long?', 'The capital']);
    expect(dependencies.conversations.ids).toEqual([id]);
  });

  test('that is temporary is never written down, until the person wants it kept', async () => {
    const { app, dependencies } = await openPage();
    app.conversation.startAnew('temporary');
    await app.conversation.ask('A secret?');
    app.conversation.rename('Renamed');
    await settle();
    const before = dependencies.conversations.saves;
    const noteBefore = dependencies.tabNotes.read('offgrid.open-conversation');

    app.conversation.keep();
    await settle();

    expect([before, noteBefore]).toEqual([0, null]);
    const [id] = dependencies.conversations.ids;
    expect(dependencies.conversations.peek(id as ConversationId)?.messages).toHaveLength(2);
  });

  test('that nothing was said in is not kept', async () => {
    const { app, dependencies } = await openPage();

    app.conversation.startAnew();
    app.conversation.setPinned(true);
    await settle();

    expect(dependencies.conversations.ids).toEqual([]);
  });

  test('has settings of its own, and a new one begins with what was set last', async () => {
    const { app, engine } = await openPage();
    app.settings.change({ temperature: 0.3, systemPrompt: 'Be brief.' });
    await app.conversation.ask('One?');
    const first = app.conversation.id.value;
    app.conversation.startAnew();
    app.settings.change({ temperature: 0.9 });
    await app.conversation.ask('Two?');
    await settle();

    await app.library.open(first);
    const inForce = app.settings.current.value;
    await app.conversation.ask('Three?');
    app.conversation.startAnew();

    expect(inForce).toMatchObject({ temperature: 0.3, systemPrompt: 'Be brief.' });
    expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([0.3, 0.9, 0.3]);
    expect(app.settings.current.value.temperature).toBe(0.9);
  });
});

describe('when the tab dies in mid-answer', () => {
  test('what was written a second before is there, with a way to go on', async () => {
    const clock = new FakeClock();
    const engine = new FakeEngine();
    const conversations = new FakeConversationStore();
    const tabNotes = fakeNotes();
    const store = new FakeStore([storedModel()]);
    const dying = createAppState(
      fakeDependencies({ engine, clock, conversations, tabNotes, store }),
    );
    await dying.models.start();
    engine.script.pause = async () => {
      clock.advance(600);
      await new Promise((resolve) => setTimeout(resolve, 2));
    };
    void dying.conversation.ask('Long?');
    await untilWritten(dying, 'The capital');
    engine.script.pause = () => new Promise(() => {}); // dead
    await settle();

    const { app } = await openPage({}, { conversations, tabNotes });
    const [, broken] = app.conversation.messages.value;
    await app.conversation.goOn();

    expect(broken).toMatchObject({
      text: expect.stringMatching(/^The capital/),
      ending: { type: 'broken', error: { code: 'answer-interrupted' } },
    });
    expect(texts(app)).toEqual(['Long?', 'The capital is Paris.']);
  });

  test('a question that got no word yet is there too', async () => {
    const { app, engine, dependencies } = await openPage();
    engine.script.pause = () => new Promise(() => {});
    void app.conversation.ask('One?');
    await settle();

    const { app: next } = await openPage({}, placeOf(dependencies));
    await next.conversation.retry();

    expect(texts(next)).toEqual(['One?', 'The capital is Paris.']);
  });

  test('nothing is written more than once a second, and at once when the page is hidden', async () => {
    const { app, dependencies } = await openPage();
    const { conversations, presence } = dependencies;
    void app.conversation.ask('Long?');
    await untilWritten(app, 'The capital');
    await settle();
    const before = conversations.saves;

    presence.hide();
    await settle();

    expect(before).toBeLessThanOrEqual(2);
    const [id] = conversations.ids;
    const kept = conversations.peek(id as ConversationId);
    expect(kept?.messages.at(-1)?.text).toMatch(/^The capital/);
  });
});

describe('branches', () => {
  test('an edited question is asked in a branch of its own, and the answer knows nothing of the old one', async () => {
    const { app, engine } = await openPage();
    for (const text of ['One?', 'Two?', 'Three?', 'Four?', 'Five?'])
      await app.conversation.ask(text);

    await app.conversation.edit(idOf(app, 0), 'Uno?');

    expect(texts(app)).toEqual(['Uno?', 'The capital is Paris.']);
    expect(engine.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
      'You are a helpful assistant.',
      'Uno?',
    ]);
    const [edited] = app.conversation.messages.value;
    if (edited === undefined) throw new Error('no question');
    const { previousId, ...place } = app.conversation.placeOf(edited);
    expect(place).toEqual({ at: 2, of: 2, nextId: null });
    app.conversation.turnTo(previousId as MessageId);
    expect(texts(app)).toHaveLength(10);
  });

  test('an answer that is asked for again stands beside the first, in the middle of a conversation too', async () => {
    const { app } = await openPage();
    await app.conversation.ask('One?');
    await app.conversation.ask('Two?');

    await app.conversation.retry(idOf(app, 0));

    const second = app.conversation.messages.value.at(-1);
    expect(texts(app)).toEqual(['One?', 'The capital is Paris.']);
    expect(second === undefined ? null : app.conversation.placeOf(second)).toMatchObject({ of: 2 });
  });

  test('all of them are kept, and the one on screen is the one that is shown again', async () => {
    const { app, dependencies } = await openPage();
    await app.conversation.ask('One?');
    await app.conversation.edit(idOf(app, 0), 'Uno?');
    const [uno] = app.conversation.messages.value;
    app.conversation.turnTo(
      (uno === undefined ? null : app.conversation.placeOf(uno).previousId) as MessageId,
    );
    await settle();

    const { app: next } = await openPage({}, placeOf(dependencies));

    expect(texts(next)[0]).toBe('One?');
    expect(next.conversation.snapshot().messages).toHaveLength(4);
  });

  test('an answer cut by the length limit goes on in its place, with as much room again', async () => {
    const { app, engine } = await openPage({ reason: 'length' });
    app.settings.change({ maxNewTokens: 5 });
    await app.conversation.ask('One?');
    engine.script.tokens = [...engine.script.tokens, ' Indeed', '.'];

    await app.conversation.goOn();

    expect(engine.requests[1]).toMatchObject({ maxNewTokens: 5, begun: { length: 5 } });
    expect(texts(app)).toEqual(['One?', 'The capital is Paris. Indeed.']);
  });
});

async function threeConversations() {
  const page = await openPage();
  for (const text of ['Apples?', 'Pears?', 'Plums?']) {
    page.app.conversation.startAnew();
    page.dependencies.clock.advance(1000);
    await page.app.conversation.ask(text);
  }
  await settle();
  const id = (title: string) =>
    page.app.library.list.value?.find((one) => one.title === title)?.id as ConversationId;
  return { ...page, id };
}

describe('the list', () => {
  test('has the latest first, and pinned ones before all', async () => {
    const { app, id } = await threeConversations();
    const before = titles(app);

    await app.library.setPinned(id('Apples?'), true);

    expect(before).toEqual(['Plums?', 'Pears?', 'Apples?']);
    expect(titles(app)).toEqual(['Apples?', 'Plums?', 'Pears?']);
  });

  test('is searched by what was said, and says nothing of what was not', async () => {
    const { app } = await threeConversations();

    await app.library.search('PEARS capital');
    const found = app.library.found.value?.map(({ title }) => title);
    await app.library.search('bananas');

    expect(found).toEqual(['Pears?']);
    expect(app.library.found.value).toEqual([]);
  });

  test('takes a new name, also for the conversation on screen', async () => {
    const { app, id } = await threeConversations();

    await app.library.rename(id('Pears?'), ' Fruit ');
    await app.library.rename(id('Plums?'), 'Blue fruit');
    await app.library.rename(id('Apples?'), '  ');
    await settle();

    expect(titles(app)).toEqual(['Blue fruit', 'Fruit', 'Apples?']);
  });

  test('loses what is deleted, and has it back whole when that is undone', async () => {
    const { app, dependencies, id } = await threeConversations();
    const plums = id('Plums?');
    const before = app.conversation.snapshot();

    await app.library.remove(plums);
    const gone = [titles(app), texts(app), dependencies.conversations.peek(plums)];
    await app.library.undoRemove();
    await app.library.open(plums);

    expect(gone).toEqual([['Pears?', 'Apples?'], [], null]);
    expect(app.conversation.snapshot()).toEqual(before);
    expect(app.library.removed.value).toBeNull();
  });

  test('follows what another tab does', async () => {
    const { app, dependencies, id } = await threeConversations();

    await dependencies.conversations.remove(id('Pears?'));
    dependencies.conversations.tellOfChange();
    await settle();

    expect(titles(app)).toEqual(['Plums?', 'Apples?']);
  });
});

describe('files', () => {
  test('what is saved and opened elsewhere is the same tree, with settings, seeds and statistics', async () => {
    const { app } = await openPage();
    app.settings.change({ temperature: 0.3 });
    await app.conversation.ask('One?');
    await app.conversation.edit(idOf(app, 0), 'Uno?');
    await settle();
    const before = app.conversation.snapshot();
    const json = await app.library.exportJson();

    const { app: elsewhere } = await openPage();
    const count = await elsewhere.library.importJson(json ?? '');
    await elsewhere.library.open(before.conversation.id);

    expect(count).toBe(1);
    expect(elsewhere.conversation.snapshot()).toEqual(before);
  });

  test('what is here already comes as a copy', async () => {
    const { app } = await openPage();
    await app.conversation.ask('One?');
    await settle();
    const json = await app.library.exportJson();

    await app.library.importJson(json ?? '');

    expect(titles(app)).toEqual(['One?', 'One?']);
  });

  test('many conversations are written one by one, and come into the list at once', async () => {
    const { app } = await openPage();
    const lengths: (number | undefined)[] = [];
    const stop = effect(() => void lengths.push(app.library.list.value?.length));

    await app.library.importJson(manyConversations(50));
    stop();

    expect(lengths).toEqual([0, 50]);
  });

  test('Markdown has the branch on screen, with who answered', async () => {
    const { app } = await openPage();
    await app.conversation.ask('One\n\ntwo?');

    const markdown = await app.library.exportMarkdown(app.conversation.id.value);

    expect(markdown).toBe(
      '# One two?\n\n2026-11-22\n\n> One\n>\n> two?\n\nThe capital is Paris.\n\n*Qwen2.5 0.5B Instruct, seed 7*\n',
    );
  });

  test.each([
    ['no JSON', 'hello'],
    ['other JSON', '{"messages": []}'],
    ['a later version', '{"format": "offgrid-conversations", "version": 2, "conversations": []}'],
    [
      'a message of nobody',
      '{"format": "offgrid-conversations", "version": 1, "conversations": [{"conversation": {}, "messages": [{"role": "system"}]}]}',
    ],
  ])('%s is refused, and the next file is read', async (_what, json) => {
    const { app, dependencies } = await openPage();
    await app.conversation.ask('One?');
    await settle();
    const good = await app.library.exportJson();

    const count = await app.library.importJson(json);
    const failure = app.library.failure.value;
    app.library.dismissFailure();
    await app.library.importJson(good ?? '');

    expect(count).toBe(0);
    expect(failure).toMatchObject({ code: 'import-failed' });
    expect(dependencies.conversations.ids).toHaveLength(2);
  });
});

describe('without a place to keep conversations', () => {
  test('answers come all the same, it is said why, and what was said is kept once there is one', async () => {
    const { app, dependencies } = await openPage();
    const { conversations } = dependencies;
    conversations.failure = new AppError('conversations-full', 'by this test');
    await app.conversation.ask('One?');
    await settle();
    const said = app.library.failure.value?.code;

    conversations.failure = null;
    app.library.retry();
    await settle();
    const keptFirst = conversations.peek(app.conversation.id.value)?.messages.length;
    await app.conversation.ask('Two?');
    await settle();

    expect([said, keptFirst]).toEqual(['conversations-full', 2]);
    expect(app.library.failure.value).toBeNull();
    const [id] = conversations.ids;
    expect(conversations.peek(id as ConversationId)?.messages).toHaveLength(4);
  });
});
