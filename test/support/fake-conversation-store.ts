import type { AppError } from '../../src/contract/errors.ts';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';
import type { ConversationStore } from '../../src/state/dependencies.ts';
import type {
  ConversationId,
  ConversationRecord,
  KeptConversation,
  MessageId,
  MessageRecord,
  TraceRecord,
} from '../../src/storage/records.ts';

interface Kept {
  conversation: ConversationRecord;
  readonly messages: Map<MessageId, MessageRecord>;
}

/** Conversations in memory. Two pages over the same one are two tabs, or one page before and after its death. */
export class FakeConversationStore implements ConversationStore {
  /** Thrown by everything that is asked of it, until it is null again. */
  failure: AppError | null = null;
  /** How often something was written. */
  saves = 0;
  readonly #kept = new Map<ConversationId, Kept>();
  readonly #traces = new Map<string, TraceRecord>();
  readonly #watchers: (() => void)[] = [];

  async list(): Promise<readonly ConversationRecord[]> {
    await this.#arrive();
    return [...this.#kept.values()].map(({ conversation }) => conversation);
  }

  async read(id: ConversationId): Promise<KeptConversation | null> {
    await this.#arrive();
    return this.peek(id);
  }

  async save(conversation: ConversationRecord, messages: readonly MessageRecord[]): Promise<void> {
    const copy = structuredClone({ conversation, messages }); // as a database does: functions are refused
    await this.#arrive();
    this.saves++;
    const kept = this.#kept.get(conversation.id) ?? { conversation, messages: new Map() };
    kept.conversation = copy.conversation;
    for (const message of copy.messages) kept.messages.set(message.id, message);
    this.#kept.set(conversation.id, kept);
  }

  async saveTrace(trace: TraceRecord): Promise<void> {
    const copy = structuredClone(trace);
    await this.#arrive();
    this.#traces.set(`${copy.conversationId} ${copy.id}`, copy);
  }

  async readTrace(id: ConversationId, answer: MessageId): Promise<TraceRecord | null> {
    await this.#arrive();
    return this.#traces.get(`${id} ${answer}`) ?? null;
  }

  async readTraces(id: ConversationId): Promise<readonly TraceRecord[]> {
    await this.#arrive();
    return [...this.#traces.values()].filter((trace) => trace.conversationId === id);
  }

  async remove(id: ConversationId): Promise<void> {
    await this.#arrive();
    this.#kept.delete(id);
    for (const [key, trace] of this.#traces) {
      if (trace.conversationId === id) this.#traces.delete(key);
    }
  }

  async search(words: readonly string[]): Promise<ReadonlySet<ConversationId>> {
    await this.#arrive();
    const found = [...this.#kept].filter(([, { conversation, messages }]) => {
      const texts = [conversation.title, ...[...messages.values()].map(({ text }) => text)];
      const all = texts.join('\n').toLowerCase();
      return words.every((word) => all.includes(word.toLowerCase()));
    });
    return new Set(found.map(([id]) => id));
  }

  watch(onChange: () => void): void {
    this.#watchers.push(onChange);
  }

  /** Without waiting. */
  peek(id: ConversationId): KeptConversation | null {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    return structuredClone({
      conversation: kept.conversation,
      messages: [...kept.messages.values()],
    });
  }

  get ids(): readonly ConversationId[] {
    return [...this.#kept.keys()];
  }

  /** As when another tab wrote something. */
  tellOfChange(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #arrive(): Promise<void> {
    await yieldToEvents();
    if (this.failure !== null) throw this.failure;
  }
}
