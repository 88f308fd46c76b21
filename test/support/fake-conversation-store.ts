import type { AppError } from '../../src/contract/errors.ts';
import { joinParts } from '../../src/storage/trace-parts.ts';
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
  /** In each part of how an answer came about that was written, in order. */
  readonly tracedTokens: number[] = [];
  readonly #kept = new Map<ConversationId, Kept>();
  #traceParts: readonly TraceRecord[] = [];
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

  async saveTrace(part: TraceRecord): Promise<void> {
    const copy = structuredClone(part);
    await this.#arrive();
    this.tracedTokens.push(copy.tokens.length);
    const isBefore = ({ conversationId, id, firstToken }: TraceRecord) =>
      conversationId !== copy.conversationId || id !== copy.id || firstToken < copy.firstToken;
    this.#traceParts = [...this.#traceParts.filter(isBefore), copy];
  }

  async readTrace(id: ConversationId, answer: MessageId): Promise<TraceRecord | null> {
    await this.#arrive();
    return joinParts((await this.readTraces(id)).filter((part) => part.id === answer));
  }

  async readTraces(id: ConversationId): Promise<readonly TraceRecord[]> {
    await this.#arrive();
    return this.#traceParts.filter((part) => part.conversationId === id);
  }

  async remove(id: ConversationId): Promise<void> {
    await this.#arrive();
    this.#kept.delete(id);
    this.#traceParts = this.#traceParts.filter((part) => part.conversationId !== id);
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
