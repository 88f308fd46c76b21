import { fromWire, toWire, type AppError } from '../contract/errors.ts';
import type { ChatMessage } from '../contract/engine.ts';
import type { ModelId } from '../contract/model.ts';
import type {
  AnswerRecord,
  EndingRecord,
  MessageId,
  MessageRecord,
  QuestionRecord,
} from '../storage/records.ts';

export type { MessageId };

/** What is said in a conversation, as it is kept; `AppError`s are themselves here. Never changes once it is in the tree. */
export type Message = Question | Answer;
export type Question = Omit<QuestionRecord, 'version'>;
export type Answer = Omit<AnswerRecord, 'version' | 'ending'> & { readonly ending: Ending };

/** What wrote an answer, as it was called then. */
export type AnsweringModel = NonNullable<AnswerRecord['model']>;

export type Ending =
  Extract<EndingRecord, { type: 'ended' }> | { readonly type: 'broken'; readonly error: AppError };

export function toRecord(message: Message): MessageRecord {
  if (message.role === 'user') return { ...message, version: 1 };
  const { ending } = message;
  const kept =
    ending.type === 'broken'
      ? { ...ending, error: { ...toWire(ending.error), stack: null } }
      : ending;
  return { ...message, version: 1, ending: kept };
}

export function fromRecord(record: MessageRecord): Message {
  if (record.role === 'user') return withoutVersion(record);
  const { ending } = record;
  const known: Ending =
    ending.type === 'broken' ? { type: 'broken', error: fromWire(ending.error) } : ending;
  return { ...withoutVersion(record), ending: known };
}

function withoutVersion<R extends MessageRecord>(record: R): Omit<R, 'version'> {
  const { version: _, ...rest } = record;
  return rest;
}

/**
 * The conversation as the model is to read it, ending with `question`. Of what came before, a question that got no text
 * for an answer is left out. Answers of other models come as text, for their ids mean something else to this one; so do
 * those that ended at a stop string, whose last ids are not part of the text.
 */
export function promptOf(
  earlier: readonly Message[],
  question: Question,
  systemPrompt: string,
  readerId: ModelId,
): readonly ChatMessage[] {
  const prompt: ChatMessage[] = [];
  if (systemPrompt.trim() !== '') prompt.push({ role: 'system', content: systemPrompt });
  let asked: Question | null = null;
  for (const message of earlier) {
    if (message.role === 'user') {
      asked = message;
    } else if (asked !== null && message.text !== '') {
      const { text: content, tokenIds } = message;
      prompt.push({ role: 'user', content: asked.text });
      prompt.push({
        role: 'assistant',
        content,
        ...(meansItsIds(message, readerId) ? { tokenIds } : {}),
      });
      asked = null;
    }
  }
  prompt.push({ role: 'user', content: question.text });
  return prompt;
}

function meansItsIds({ model, ending }: Answer, readerId: ModelId): boolean {
  return model?.id === readerId && !(ending.type === 'ended' && ending.reason === 'stop-string');
}
