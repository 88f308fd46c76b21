import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import type {
  ConversationId,
  ConversationRecord,
  MessageId,
  MessageRecord,
} from '../storage/records.ts';
import type { ConversationStore } from './dependencies.ts';
import { asAppError } from './as-app-error.ts';

/** Writes conversations down, one write at a time; what comes during a write is written together after it. */
export interface Keeper {
  /** Why nothing is kept; null while it is. */
  readonly failure: ReadonlySignal<AppError | null>;
  readonly save: (conversation: ConversationRecord, messages: readonly MessageRecord[]) => void;
  /** Tries once more to write what could not be written. */
  readonly retry: () => void;
  /** Leaves out what is not written yet. */
  readonly forget: (id: ConversationId) => void;
  /** Resolves when everything that was given is written, or could not be. */
  readonly settled: () => Promise<void>;
}

interface Unwritten {
  conversation: ConversationRecord;
  readonly messages: Map<MessageId, MessageRecord>;
}

/** @param onSaved what was written, when nothing more waits: many that come at once are told of at once */
export function createKeeper(
  store: Pick<ConversationStore, 'save'>,
  onSaved: (conversations: readonly ConversationRecord[]) => void,
): Keeper {
  const failure = signal<AppError | null>(null);
  const unwritten = new Map<ConversationId, Unwritten>();
  /** What could not be written goes with the next write of its conversation. */
  const refused = new Map<ConversationId, Unwritten>();
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();

  function save(conversation: ConversationRecord, messages: readonly MessageRecord[]): void {
    const { id } = conversation;
    const waiting = unwritten.get(id) ??
      refused.get(id) ?? { conversation, messages: new Map<MessageId, MessageRecord>() };
    refused.delete(id);
    waiting.conversation = conversation;
    for (const message of messages) waiting.messages.set(message.id, message);
    unwritten.set(id, waiting);
    if (!isWriting) {
      isWriting = true;
      writing = write();
    }
  }

  async function write(): Promise<void> {
    const saved: ConversationRecord[] = [];
    // What is put in meanwhile is come by as well.
    for (const [id, given] of unwritten) {
      unwritten.delete(id);
      try {
        await store.save(given.conversation, [...given.messages.values()]);
        failure.value = null;
        saved.push(given.conversation);
      } catch (thrown) {
        refused.set(id, given);
        failure.value = asAppError(thrown);
      }
      if (unwritten.size === 0 && saved.length > 0) onSaved(saved.splice(0));
    }
    isWriting = false;
  }

  return {
    failure,
    save,
    retry() {
      for (const { conversation } of refused.values()) save(conversation, []);
    },
    forget(id) {
      unwritten.delete(id);
      refused.delete(id);
    },
    settled: () => writing,
  };
}
