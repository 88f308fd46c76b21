import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { toRecord } from '../../src/state/messages.ts';
import { createConversationStore } from '../../src/storage/conversation-store.ts';
import { parseConversations, printConversations } from '../../src/storage/exchange.ts';
import { readConversation, readMessage } from '../../src/storage/read-records.ts';
import type {
  ConversationId,
  ConversationRecord,
  MessageId,
  MessageRecord,
  TraceRecord,
} from '../../src/storage/records.ts';
import { FakeConversationStore } from '../support/fake-conversation-store.ts';
import { answer, question } from '../support/messages.ts';

beforeEach(() => void vi.stubGlobal('indexedDB', new IDBFactory()));
afterEach(() => vi.unstubAllGlobals());

const id = (text: string) => text as ConversationId;

function record(name: string, part: Partial<ConversationRecord> = {}): ConversationRecord {
  return {
    version: 1,
    id: id(name),
    title: `About ${name}`,
    isPinned: false,
    createdAt: '2026-11-22T00:00:00.000Z',
    changedAt: '2026-11-22T00:00:01.000Z',
    leafId: 'a' as MessageId,
    settings: { temperature: 0.3 },
    ...part,
  };
}

const QUESTION = toRecord(question('q', 'What grows on trees?'));
const ANSWER = toRecord(
  answer('a', 'Apples.', {
    parentId: 'q' as MessageId,
    ending: {
      type: 'ended',
      reason: 'stop',
      summary: {
        promptTokens: 30,
        reusedTokens: 10,
        newTokens: 2,
        ttftMs: 312,
        prefillTokensPerSecond: 118,
        decodeTokensPerSecond: 14.23,
        contextUsedTokens: 178,
        contextTokens: 4096,
        totalMs: 11_000,
        runTimes: { recordMs: 1, gpuMs: null, waitMs: 2 },
      },
    },
  }),
);
const BROKEN = toRecord(
  answer('b', 'App', {
    parentId: 'q' as MessageId,
    ending: { type: 'broken', error: new AppError('worker-died', 'by this test') },
  }),
);

describe.each([
  ['in IndexedDB', () => createConversationStore(null)],
  ['in the fake', () => new FakeConversationStore()],
])('conversations %s', (_where, create) => {
  test('come back as they were saved', async () => {
    const store = create();
    await store.save(record('x'), [QUESTION, ANSWER, BROKEN]);
    await store.save(record('y'), [QUESTION]);

    const read = await store.read(id('x'));

    expect(read?.conversation).toEqual(record('x'));
    expect(new Set(read?.messages)).toEqual(new Set([QUESTION, ANSWER, BROKEN]));
    expect((await store.list()).map((one) => one.id).toSorted()).toEqual(['x', 'y']);
  });

  test('take messages one by one, each in place of its earlier state', async () => {
    const store = create();
    await store.save(record('x'), [QUESTION]);
    await store.save(record('x', { title: 'Fruit' }), [{ ...BROKEN, text: 'A' }]);

    await store.save(record('x', { title: 'Fruit' }), [BROKEN]);

    const read = await store.read(id('x'));
    expect(read?.conversation.title).toBe('Fruit');
    expect(new Set(read?.messages)).toEqual(new Set([QUESTION, BROKEN]));
  });

  test('are gone when they are removed, and the others are not', async () => {
    const store = create();
    await store.save(record('x'), [QUESTION, ANSWER]);
    await store.save(record('xy'), [QUESTION, ANSWER]);

    await store.remove(id('x'));

    expect(await store.read(id('x'))).toBeNull();
    expect((await store.read(id('xy')))?.messages).toHaveLength(2);
  });

  test('are found by words in their titles and messages, all of which must be there', async () => {
    const store = create();
    await store.save(record('x'), [QUESTION, ANSWER]);
    await store.save(record('y'), [QUESTION]);

    expect(await store.search(['APPLES', 'trees'])).toEqual(new Set(['x']));
    expect(await store.search(['about', 'grows'])).toEqual(new Set(['x', 'y']));
    expect(await store.search(['bananas'])).toEqual(new Set());
  });
});

function part(firstToken: number, texts: readonly string[], prompt: string | null): TraceRecord {
  return {
    version: 1,
    conversationId: id('x'),
    id: 'a' as MessageId,
    firstToken,
    tokens: texts.map((text, index) => ({
      id: firstToken + index,
      text,
      logprob: -0.5,
      atMs: 10,
      before: 0.5,
      entropyNats: 1,
      alternatives: [],
    })),
    prompt:
      prompt === null ? null : { pieces: [{ text: prompt, isControl: false }], reusedTokens: 0 },
  };
}

describe.each([
  ['in IndexedDB', () => createConversationStore(null)],
  ['in the fake', () => new FakeConversationStore()],
])('how an answer came about, %s,', (_where, create) => {
  const A = 'a' as MessageId;
  const textsOf = (trace: TraceRecord | null) => trace?.tokens.map(({ text }) => text);

  test('is written in parts and read whole', async () => {
    const store = create();
    await store.saveTrace(part(0, ['The', ' cap'], 'One?'));
    await store.saveTrace(part(2, ['ital'], null));
    await store.saveTrace({ ...part(0, ['Other'], null), id: 'b' as MessageId });

    const trace = await store.readTrace(id('x'), A);

    expect(textsOf(trace)).toEqual(['The', ' cap', 'ital']);
    expect(trace).toMatchObject({ firstToken: 0, prompt: { pieces: [{ text: 'One?' }] } });
    expect(await store.readTraces(id('x'))).toHaveLength(3);
  });

  test.each([4, 8, 9])('is read whole from %i parts', async (parts) => {
    const store = create();
    for (let index = 0; index < parts; index++) {
      await store.saveTrace(part(index, [`${index}`], index === 0 ? 'One?' : null));
    }
    await store.saveTrace({ ...part(0, ['Other'], null), id: 'b' as MessageId });

    const texts = textsOf(await store.readTrace(id('x'), A));

    expect(texts).toEqual(Array.from({ length: parts }, (_, index) => `${index}`));
  });

  test('is forgotten from where something else is written', async () => {
    const store = create();
    await store.saveTrace(part(0, ['The', ' cap'], 'One?'));
    await store.saveTrace(part(2, ['ital', ' is'], null));
    await store.saveTrace(part(4, [' Paris'], null));

    await store.saveTrace(part(2, [' gun'], 'Two?'));

    const trace = await store.readTrace(id('x'), A);
    expect(textsOf(trace)).toEqual(['The', ' cap', ' gun']);
    expect(trace?.prompt?.pieces).toEqual([{ text: 'Two?', isControl: false }]);
  });

  test('is known from the last gap on', async () => {
    const store = create();
    await store.saveTrace(part(0, ['The'], 'One?'));
    await store.saveTrace(part(3, [' is'], null));

    expect(await store.readTrace(id('x'), A)).toMatchObject({ firstToken: 3 });
  });
});

describe('in IndexedDB', () => {
  test('what layout 2 kept of how an answer came about is there in layout 3', async () => {
    const old = await openDB('offgrid', 2, {
      upgrade(database) {
        database.createObjectStore('conversations', { keyPath: 'id' });
        database.createObjectStore('messages', { keyPath: ['conversationId', 'id'] });
        database.createObjectStore('traces', { keyPath: ['conversationId', 'id'] });
      },
    });
    await old.put('conversations', record('x'));
    await old.put('traces', part(2, ['ital'], 'One?'));
    old.close();

    const store = createConversationStore(null);

    expect(await store.list()).toEqual([record('x')]);
    expect(await store.readTrace(id('x'), 'a' as MessageId)).toEqual(part(2, ['ital'], 'One?'));
  });

  test('conversations outlive the page', async () => {
    await createConversationStore(null).save(record('x'), [QUESTION, ANSWER]);

    const next = createConversationStore(null);

    expect((await next.read(id('x')))?.messages).toHaveLength(2);
  });

  test('where there is none, every call says so', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('forbidden by this test', 'SecurityError');
      },
    });
    const store = createConversationStore(null);

    await expect(store.list()).rejects.toMatchObject({ code: 'conversations-unavailable' });
    await expect(store.save(record('x'), [])).rejects.toMatchObject({
      code: 'conversations-unavailable',
    });
  });

  test('that is full, saving says so', async () => {
    const store = createConversationStore(null);
    await store.list();
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full by this test', 'QuotaExceededError');
    });

    const saving = store.save(record('x'), [QUESTION]);

    await expect(saving).rejects.toMatchObject({ code: 'conversations-full' });
    put.mockRestore();
    await store.save(record('x'), [QUESTION]);
    expect(await store.list()).toHaveLength(1);
  });

  test('a record that no version of this page wrote is left out, and the rest is read', async () => {
    const store = createConversationStore(null);
    await store.save(record('x'), [QUESTION, { ...ANSWER, text: 7 } as never]);
    await store.save({ ...record('y'), version: 9 } as unknown as ConversationRecord, []);

    expect((await store.list()).map((one) => one.id)).toEqual(['x']);
    expect((await store.read(id('x')))?.messages).toEqual([QUESTION]);
    expect(await store.read(id('y'))).toBeNull();
  });

  test('another page hears of each change', async () => {
    const heard = new BroadcastChannel('test');
    const here = new BroadcastChannel('test');
    const store = createConversationStore(heard);
    const changed = new Promise<void>((resolve) => store.watch(resolve));

    await createConversationStore(here).save(record('x'), []);

    await changed;
    heard.close();
    here.close();
  });
});

/** As version 1 wrote them; never changed, so that what people have can be read for ever. */
describe('records of version 1', () => {
  test.each([
    ['a conversation', readConversation, record('x')],
    ['a question', readMessage, QUESTION],
    ['an answer with statistics', readMessage, ANSWER],
    ['an answer that broke off', readMessage, BROKEN],
  ] as const)('%s is read as it was written', (_what, read, written) => {
    expect(read(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  test('a failure of a code that is not known any more was a failure all the same', () => {
    const written = JSON.parse(JSON.stringify(BROKEN).replace('worker-died', 'of-old'));

    expect(readMessage(written)).toMatchObject({ ending: { error: { code: 'internal' } } });
  });

  test('a failure that was kept with its English sentence in place of a detail is one without', () => {
    const written = JSON.parse(
      JSON.stringify(BROKEN).replace('"detail":null', '"userMessage":"It stopped."'),
    );

    expect(readMessage(written)).toEqual(BROKEN);
  });

  test('numbers of a failure are kept, and those that no version of this page wrote are not read', () => {
    const detail = { type: 'long-message', messageTokens: 5000, availableTokens: 3900 } as const;
    const error = new AppError('prompt-too-long', '5000 of 3900', { detail });
    const parentId = 'q' as MessageId;
    const written = toRecord(answer('b', '', { parentId, ending: { type: 'broken', error } }));
    const changed = JSON.parse(JSON.stringify(written).replace('5000,', '"<b>5000</b>",'));

    expect(readMessage(JSON.parse(JSON.stringify(written)))).toEqual(written);
    expect(readMessage(changed)).toMatchObject({
      ending: { error: { code: 'prompt-too-long', detail: null } },
    });
  });
});

describe('a file of conversations', () => {
  const kept = [{ conversation: record('x'), messages: [QUESTION, ANSWER, BROKEN] }];

  test('is read as it was printed', () => {
    expect(parseConversations(printConversations(kept))).toEqual(kept);
  });

  test.each<[string, readonly MessageRecord[]]>([
    ['messages in a circle', [{ ...QUESTION, parentId: 'a' as MessageId }, ANSWER]],
    ['a message whose parent is missing', [ANSWER]],
    ['two messages of one id', [QUESTION, QUESTION]],
    ['an answer to an answer', [QUESTION, ANSWER, { ...BROKEN, parentId: 'a' as MessageId }]],
  ])('with %s is refused', (_what, messages) => {
    const json = printConversations([{ conversation: record('x'), messages }]);

    expect(() => parseConversations(json)).toThrow(AppError);
  });

  test('in which any one field is of another type is refused, or read without it', () => {
    const [whole] = kept;
    for (const path of leafPaths(whole)) {
      const damaged = structuredClone({
        format: 'offgrid-conversations',
        version: 1,
        conversations: [whole],
      });
      put(damaged.conversations[0], path, { wrong: true });
      try {
        const [read] = parseConversations(JSON.stringify(damaged));
        expect(JSON.stringify(read), path.join('.')).not.toContain('wrong');
      } catch (thrown) {
        expect(thrown, path.join('.')).toMatchObject({ code: 'import-failed' });
      }
    }
  });
});

/** Every way to a value that holds no others; settings left aside, which the state reads for itself. */
function leafPaths(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (path.at(-1) === 'settings' && path.length === 2) return [];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leafPaths(inner, [...path, name]));
}

function put(target: unknown, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const holder = target as Record<string, unknown>;
  if (rest.length === 0) holder[name] = value;
  else put(holder[name], rest, value);
}
