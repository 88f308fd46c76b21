import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type {
  ConversationId,
  ConversationRecord,
  MessageId,
  MessageRecord,
  TraceRecord,
} from './records.ts';

/** Of the layout: which object stores there are. What lies in them has versions of its own. */
const LAYOUT = 2;
const NAME = 'offgrid';

export interface Schema extends DBSchema {
  readonly conversations: { readonly key: ConversationId; readonly value: ConversationRecord };
  /** Each by itself, so that a word more of an answer does not write the whole conversation again. */
  readonly messages: {
    readonly key: [ConversationId, MessageId];
    readonly value: KeptMessage;
  };
  readonly traces: { readonly key: [ConversationId, MessageId]; readonly value: TraceRecord };
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
    upgrade(database, from) {
      if (from < 1) {
        database.createObjectStore('conversations', { keyPath: 'id' });
        database.createObjectStore('messages', { keyPath: ['conversationId', 'id'] });
      }
      if (from < 2) database.createObjectStore('traces', { keyPath: ['conversationId', 'id'] });
    },
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      onClosed();
    },
    terminated: onClosed,
  });
}
