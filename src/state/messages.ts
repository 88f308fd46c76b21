import type { AppError } from '../contract/errors.ts';
import type { ChatMessage } from '../contract/engine.ts';
import type { StopReason } from '../contract/events.ts';
import type { ModelId, StoredModel } from '../contract/model.ts';
import type { GenerationSummary } from '../contract/stats.ts';

/** What is said in a conversation. Records never change once they are in the list. */
export type Message = Question | Answer;

export interface Question {
  readonly role: 'user';
  readonly id: number;
  readonly text: string;
}

export interface Answer {
  readonly role: 'assistant';
  readonly id: number;
  readonly text: string;
  /** Ids the text was generated as, so that the next prompt finds the cache again. */
  readonly tokenIds: readonly number[];
  /** Of these, how many were there when it broke off and was continued; 0 for an answer in one piece. */
  readonly begunTokens: number;
  /** Null when none had been loaded yet. */
  readonly model: AnsweringModel | null;
  /** The seed it was drawn with: the same seed, prompt and model give the same text. */
  readonly seed: number;
  /** Earlier messages that did not fit the context and were left out of the prompt. */
  readonly omittedMessages: number;
  /** Of a continued answer, `summary` tells of what came after `begunTokens`. */
  readonly ending: Ending;
}

/** What wrote an answer, as it was called then. */
export type AnsweringModel = Pick<StoredModel, 'id' | 'title'>;

export type Ending =
  /** `summary` is null when it was stopped before the model began. */
  | {
      readonly type: 'ended';
      readonly reason: StopReason;
      readonly summary: GenerationSummary | null;
    }
  | { readonly type: 'broken'; readonly error: AppError };

/**
 * The conversation as the model is to read it, ending with `question`. Of what came before: a question that
 * got no text for an answer is left out, and of several answers to one question the last one counts. Answers of
 * other models come as text: their ids mean something else to this one.
 */
export function promptOf(
  earlier: readonly Message[],
  question: Question,
  systemPrompt: string,
  readerId: ModelId,
): readonly ChatMessage[] {
  const pairs: { readonly question: Question; answer: Answer | null }[] = [];
  for (const message of earlier) {
    const pair = pairs.at(-1);
    if (message.role === 'user') pairs.push({ question: message, answer: null });
    else if (pair !== undefined && message.text !== '') pair.answer = message;
  }
  const prompt: ChatMessage[] = [];
  if (systemPrompt.trim() !== '') prompt.push({ role: 'system', content: systemPrompt });
  for (const { question, answer } of pairs) {
    if (answer === null) continue;
    prompt.push({ role: 'user', content: question.text });
    const { text: content, tokenIds, model } = answer;
    const isOwn = model?.id === readerId;
    prompt.push({ role: 'assistant', content, ...(isOwn ? { tokenIds } : {}) });
  }
  prompt.push({ role: 'user', content: question.text });
  return prompt;
}
