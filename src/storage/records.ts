/**
 * Conversations as they lie in IndexedDB and in exported files: plain values. A change of shape is a new version, and
 * `read-records.ts` learns to bring the old one up.
 */
import type { Sampling } from '../contract/engine.ts';
import type { WireError } from '../contract/errors.ts';
import type { Piece, SampledToken, StopReason, TokenInsight } from '../contract/events.ts';
import type { ModelId } from '../contract/model.ts';
import type { GenerationSummary } from '../contract/stats.ts';

declare const conversationId: unique symbol;
/** No other conversation has it, on whichever device it began. */
export type ConversationId = string & { readonly [conversationId]: 'ConversationId' };

declare const messageId: unique symbol;
/** No other message has it, of whichever conversation. */
export type MessageId = string & { readonly [messageId]: 'MessageId' };

/** What is known of a conversation without its messages. */
export interface ConversationRecord {
  readonly version: 1;
  readonly id: ConversationId;
  readonly title: string;
  readonly isPinned: boolean;
  /** ISO 8601 in UTC, as all times here. */
  readonly createdAt: string;
  /** When something was last said in it. */
  readonly changedAt: string;
  /** The end of the branch that is on screen; null before anything was said. */
  readonly leafId: MessageId | null;
  /** What the person changed of the settings for it, by the names of `state/settings.ts`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A conversation is a tree of these: whoever asks or answers anew adds a sibling. */
export type MessageRecord = QuestionRecord | AnswerRecord;

export interface QuestionRecord {
  readonly version: 1;
  readonly role: 'user';
  readonly id: MessageId;
  /** The answer that it follows; null for a beginning. */
  readonly parentId: MessageId | null;
  /** When it was asked. */
  readonly at: string;
  readonly text: string;
}

export interface AnswerRecord {
  readonly version: 1;
  readonly role: 'assistant';
  readonly id: MessageId;
  /** The question. */
  readonly parentId: MessageId;
  /** When it began. */
  readonly at: string;
  readonly text: string;
  /** Ids the text was generated as, so that the next prompt finds the cache again. */
  readonly tokenIds: readonly number[];
  /** Of these, how many were there when it broke off and was continued; 0 for an answer in one piece. */
  readonly begunTokens: number;
  /** What wrote it, as it was called then. Null when none had been loaded yet. */
  readonly model: { readonly id: ModelId; readonly title: string } | null;
  /** The seed it was drawn with: the same seed, settings, prompt and model give the same text. */
  readonly seed: number;
  /** What was in force. */
  readonly settings: AnswerSettings;
  /** Earlier messages that did not fit the context and were left out of the prompt. */
  readonly omittedMessages: number;
  /** Of a continued answer, `summary` tells of what came after `begunTokens`. */
  readonly ending: EndingRecord;
}

/** All that decides an answer beside its seed, its prompt and its model. */
export interface AnswerSettings extends Omit<Sampling, 'seed'> {
  readonly systemPrompt: string;
  readonly maxNewTokens: number;
  readonly stopStrings: readonly string[];
}

export type EndingRecord =
  /** `summary` is null when it was stopped before the model began, and in an exported file of another program. */
  | {
      readonly type: 'ended';
      readonly reason: StopReason;
      readonly summary: GenerationSummary | null;
    }
  | { readonly type: 'broken'; readonly error: WireError };

/**
 * How an answer came about, token by token, or a part of that. Kept beside it, for it is a hundred times as large, and in parts, so that
 * a token more does not write all of it again.
 */
export interface TraceRecord {
  readonly version: 1;
  readonly conversationId: ConversationId;
  /** Of the answer. */
  readonly id: MessageId;
  /** Place in the answer of the first token that is told of here. */
  readonly firstToken: number;
  readonly tokens: readonly TracedToken[];
  /** As the model read it; in another part where it is null. */
  readonly prompt: {
    readonly pieces: readonly Piece[];
    /** How many of them were in the cache. */
    readonly reusedTokens: number;
  } | null;
}

export interface TracedToken
  extends Pick<SampledToken, 'id' | 'text' | 'logprob' | 'atMs'>, TokenInsight {}

export interface KeptConversation {
  readonly conversation: ConversationRecord;
  readonly messages: readonly MessageRecord[];
}
