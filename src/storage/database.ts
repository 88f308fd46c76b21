import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type {
  ConversationId,
  ConversationRecord,
  MessageId,
  MessageRecord,
  TraceRecord,
} from './records.ts';

/** Of the layout: which object stores there are. What lies in them has versions of its own. */
const LAYOUT = 3;
const NAME = 'offgrid';

export interface Schema extends DBSchema {
  readonly conversations: { readonly key: ConversationId; readonly value: ConversationRecord };
  /** Each by itself, so that a word more of an answer does not write the whole conversation again. */
  readonly messages: {
    readonly key: [ConversationId, MessageId];
    readonly value: KeptMessage;
  };
  /** In parts, each by its first token. */
  readonly traceParts: {
    readonly key: [ConversationId, MessageId, number];
    readonly value: TraceRecord;
  };
}

export type KeptMessage = MessageRecord & { readonly conversationId: ConversationId };

export type Database = IDBPDatabase<Schema>;

/**
 * Opens the database, and makes it where there is none. A page of a newer version that wants another layout is not kept
 * waiting: this one closes, and opens again when it next needs it.
 * @param onClosed when the connection is gone, for whatever reason
 */
export function openDatabase(onClosed: () => void): Promise<Database> {
  return openDB<Schema>(NAME, LAYOUT, {
    async upgrade(database, from, _to, transaction) {
      if (from < 1) {
        database.createObjectStore('conversations', { keyPath: 'id' });
        database.createObjectStore('messages', { keyPath: ['conversationId', 'id'] });
      }
      if (from < 3) {
        const keyPath = ['conversationId', 'id', 'firstToken'];
        database.createObjectStore('traceParts', { keyPath });
        if (from === 2) await moveTraces(transaction as unknown as UpgradeFrom2);
      }
    },
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      onClosed();
    },
    terminated: onClosed,
  });
}

/** Until layout 2 each was whole: the first and only part of itself. */
interface Schema2 extends Schema {
  readonly traces: { readonly key: [ConversationId, MessageId]; readonly value: TraceRecord };
}

type UpgradeFrom2 = IDBPTransaction<Schema2, ('traces' | 'traceParts')[], 'versionchange'>;

async function moveTraces(transaction: UpgradeFrom2): Promise<void> {
  const parts = transaction.objectStore('traceParts');
  for await (const { value } of transaction.objectStore('traces')) await parts.put(value);
  transaction.db.deleteObjectStore('traces');
}
