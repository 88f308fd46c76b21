import type { ConversationStore } from './dependencies.ts';
import type { ConversationId, MessageId, TraceRecord, TracedToken } from '../storage/records.ts';

export type { TracedToken };
/** How an answer came about. */
export type Trace = Pick<TraceRecord, 'firstToken' | 'tokens' | 'prompt'>;
export type Prompt = NonNullable<TraceRecord['prompt']>;

/** What is known of answers, token by token: the latest in memory, those of kept conversations on the device. */
export interface Traces {
  /** Null when nothing is known. */
  readonly read: (conversation: ConversationId, answer: MessageId) => Promise<Trace | null>;
  /** What is in memory. */
  readonly peek: (answer: MessageId) => Trace | null;
  readonly keep: (
    conversation: ConversationId,
    answer: MessageId,
    trace: Trace,
    isTemporary: boolean,
  ) => void;
}

/** Answers whose traces stay in memory: those of a temporary conversation are nowhere else. */
const MOST_IN_MEMORY = 200;

export function createTraces(store: Pick<ConversationStore, 'saveTrace' | 'readTrace'>): Traces {
  const latest = new Map<MessageId, Trace>();
  return {
    peek: (answer) => latest.get(answer) ?? null,
    async read(conversation, answer) {
      const known = latest.get(answer);
      if (known !== undefined) return known;
      return store.readTrace(conversation, answer).catch(() => null); // the keeper says why nothing is kept
    },
    keep(conversationId, id, trace, isTemporary) {
      latest.delete(id);
      latest.set(id, trace);
      for (const oldest of latest.keys()) {
        if (latest.size <= MOST_IN_MEMORY) break;
        latest.delete(oldest);
      }
      if (isTemporary) return;
      store.saveTrace({ version: 1, conversationId, id, ...trace }).catch(() => {}); // as above
    },
  };
}
