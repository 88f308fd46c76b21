import { AppError } from '../contract/errors.ts';
import { openDatabase, type Database } from './database.ts';
import { readConversation, readMessage, WrongShape } from './read-records.ts';
import type {
  ConversationId,
  ConversationRecord,
  KeptConversation,
  MessageId,
  MessageRecord,
  TraceRecord,
} from './records.ts';
import { joinParts } from './trace-parts.ts';

/** Parts of a trace that are read at once: of a very long answer, all of them would hold up the page. */
const PARTS_AT_ONCE = 4;

/** Conversations on this device. All of it rejects with `conversations-unavailable` or `conversations-full`. */
export interface ConversationStore {
  list(): Promise<readonly ConversationRecord[]>;
  /** Null when it is not there. */
  read(id: ConversationId): Promise<KeptConversation | null>;
  /** Puts a conversation and some or all of its messages in place of what was there, all or nothing. */
  save(conversation: ConversationRecord, messages: readonly MessageRecord[]): Promise<void>;
  /** Keeps a part of how an answer came about, in place of what was known from its first token on. */
  saveTrace(part: TraceRecord): Promise<void>;
  /** As far as it is known without a gap to its end; null when it is not. */
  readTrace(id: ConversationId, answer: MessageId): Promise<TraceRecord | null>;
  /** The parts of all answers of a conversation, each answer's in order. */
  readTraces(id: ConversationId): Promise<readonly TraceRecord[]>;
  /** With its messages and all that is known of them. */
  remove(id: ConversationId): Promise<void>;
  /** Conversations in which every one of `words` occurs somewhere, in upper or lower case. */
  search(words: readonly string[]): Promise<ReadonlySet<ConversationId>>;
  /** Calls back when another page of this origin changed something. */
  watch(onChange: () => void): void;
}

/** @param announce where pages of this origin tell each other that something changed; null where they cannot */
export function createConversationStore(announce: BroadcastChannel | null): ConversationStore {
  let opening: Promise<Database> | null = null;

  function open(): Promise<Database> {
    opening ??= openDatabase(() => (opening = null)).catch((thrown: unknown) => {
      opening = null;
      throw thrown;
    });
    return opening;
  }

  /** A connection that was just closed under us is opened once more. */
  async function use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    try {
      try {
        return await work(await open());
      } catch (thrown) {
        if (!isClosed(thrown)) throw thrown;
        opening = null;
        return await work(await open());
      }
    } catch (thrown) {
      throw toAppError(thrown);
    }
  }

  return {
    list: () =>
      use(async (database) => {
        const values = await database.getAll('conversations');
        return values.flatMap((value) => unlessWrong(() => readConversation(value)));
      }),

    read: (id) =>
      use(async (database) => {
        const transaction = database.transaction(['conversations', 'messages']);
        const [head, messages] = await Promise.all([
          transaction.objectStore('conversations').get(id),
          transaction.objectStore('messages').getAll(everyMessageOf(id)),
        ]);
        const [conversation] = unlessWrong(() => readConversation(head));
        if (conversation === undefined) return null;
        return {
          conversation,
          messages: messages.flatMap((value) => unlessWrong(() => readMessage(value))),
        };
      }),

    save: (conversation, messages) =>
      use(async (database) => {
        const transaction = database.transaction(['conversations', 'messages'], 'readwrite');
        const kept = transaction.objectStore('messages');
        await Promise.all([
          transaction.objectStore('conversations').put(conversation),
          ...messages.map((message) => kept.put({ ...message, conversationId: conversation.id })),
          transaction.done,
        ]);
        announce?.postMessage('changed');
      }),

    saveTrace: (part) =>
      use(async (database) => {
        const { conversationId, id, firstToken } = part;
        const transaction = database.transaction('traceParts', 'readwrite');
        await Promise.all([
          transaction.store.delete(everyPartOf(conversationId, id, firstToken)),
          transaction.store.put(part),
          transaction.done,
        ]);
      }),

    readTrace: (id, answer) =>
      use(async (database) => {
        const { store } = database.transaction('traceParts');
        const parts: TraceRecord[] = [];
        let more: TraceRecord[] = [];
        do {
          const from = parts.at(-1)?.firstToken;
          const range = everyPartOf(id, answer, from ?? 0, from !== undefined);
          more = await store.getAll(range, PARTS_AT_ONCE);
          parts.push(...more);
        } while (more.length === PARTS_AT_ONCE);
        return joinParts(parts);
      }),

    readTraces: (id) => use((database) => database.getAll('traceParts', everyMessageOf(id))),

    remove: (id) =>
      use(async (database) => {
        const stores = ['conversations', 'messages', 'traceParts'] as const;
        const transaction = database.transaction(stores, 'readwrite');
        await Promise.all([
          transaction.objectStore('conversations').delete(id),
          transaction.objectStore('messages').delete(everyMessageOf(id)),
          transaction.objectStore('traceParts').delete(everyMessageOf(id)),
          transaction.done,
        ]);
        announce?.postMessage('changed');
      }),

    search: (words) =>
      use(async (database) =>
        (await import('./search-conversations.ts')).searchConversations(database, words),
      ),

    watch: (onChange) => announce?.addEventListener('message', onChange),
  };
}

function everyMessageOf(id: ConversationId): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]); // an array sorts after every string
}

/** @param isAfter without the one that begins with `firstToken` */
function everyPartOf(
  id: ConversationId,
  answer: MessageId,
  firstToken: number,
  isAfter = false,
): IDBKeyRange {
  return IDBKeyRange.bound([id, answer, firstToken], [id, answer, []], isAfter);
}

/** What another version wrote and this one cannot read is left alone, and out. */
function unlessWrong<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch (thrown) {
    if (thrown instanceof WrongShape) return [];
    throw thrown;
  }
}

function isClosed(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'InvalidStateError';
}

function toAppError(cause: unknown): AppError {
  const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  return isFull
    ? new AppError('conversations-full', 'no room for a conversation', { cause })
    : new AppError('conversations-unavailable', 'IndexedDB does not work', { cause });
}
