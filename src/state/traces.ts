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
  /** Keeps an answer as it came about so far. Of one that grew, only what is new is written, a small part at a time. */
  readonly keep: (
    conversation: ConversationId,
    answer: MessageId,
    trace: Trace,
    isTemporary: boolean,
  ) => void;
  /** Resolves when everything that was given is written, or could not be. */
  readonly settled: () => Promise<void>;
}

/** Answers whose traces stay in memory: those of a temporary conversation are nowhere else. */
const MOST_IN_MEMORY = 200;
/** Copying a token with its alternatives takes 20 µs (measured 2026-11-25, Chromium 156): a part must not hold up a frame. */
const PART_TOKENS = 128;

/** What lies on the device of an answer. */
interface Written {
  readonly firstToken: number;
  readonly tokens: number;
  readonly prompt: Trace['prompt'];
  /** The prompt is in the part that begins here; counted from `firstToken`, as `tokens` is. */
  readonly promptAt: number;
}

interface Unwritten {
  readonly of: ConversationId;
  readonly trace: Trace;
  /** How many there were when it was given: an answer that is being written grows on. */
  readonly tokens: number;
}

export function createTraces(store: Pick<ConversationStore, 'saveTrace' | 'readTrace'>): Traces {
  const latest = new Map<MessageId, Trace>();
  const written = new Map<MessageId, Written>();
  const unwritten = new Map<MessageId, Unwritten>();
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    // What is put in meanwhile is come by as well.
    for (const [id, given] of unwritten) {
      unwritten.delete(id);
      const next = nextPart(given, written.get(id) ?? null);
      if (next === null) continue;
      try {
        await store.saveTrace({ version: 1, conversationId: given.of, id, ...next.part });
        written.set(id, next.known);
        if (!unwritten.has(id)) unwritten.set(id, given);
      } catch {
        // The keeper says why nothing is kept; it goes with what comes next of this answer.
      }
    }
    isWriting = false;
  }

  return {
    peek: (answer) => latest.get(answer) ?? null,
    async read(conversation, answer) {
      const known = latest.get(answer);
      if (known !== undefined) return known;
      return store.readTrace(conversation, answer).catch(() => null); // as above
    },
    keep(of, id, trace, isTemporary) {
      latest.delete(id);
      latest.set(id, trace);
      for (const oldest of latest.keys()) {
        if (latest.size <= MOST_IN_MEMORY) break;
        latest.delete(oldest);
        written.delete(oldest);
      }
      if (isTemporary) return;
      unwritten.set(id, { of, trace, tokens: trace.tokens.length });
      if (isWriting) return;
      isWriting = true;
      writing = write();
    },
    settled: () => writing,
  };
}

/**
 * What is to be written next; null when all is. Parts begin at multiples of `PART_TOKENS`, and one that was not full is written
 * again with what came to it.
 */
function nextPart({ trace, tokens }: Unwritten, written: Written | null) {
  const { prompt, firstToken } = trace;
  const isSame = written !== null && written.firstToken === firstToken && written.tokens <= tokens;
  const count = isSame ? written.tokens : 0;
  const isNewPrompt = !isSame || written.prompt !== prompt;
  if (count === tokens && !isNewPrompt) return null;
  const from = count - (count % PART_TOKENS);
  const until = Math.min(tokens, from + PART_TOKENS);
  const promptAt = isNewPrompt ? from : written.promptAt;
  return {
    part: {
      firstToken: firstToken + from,
      tokens: trace.tokens.slice(from, until),
      prompt: promptAt === from ? prompt : null,
    } satisfies Trace,
    known: { firstToken, tokens: until, prompt, promptAt } satisfies Written,
  };
}
