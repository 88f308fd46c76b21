import type { Answer, MessageId, Question } from '../../src/state/messages.ts';
import { fakeId } from './fake-store.ts';

/** A question; its parent is as given, and else it is a beginning. */
export function question(id: string, text: string, parentId: string | null = null): Question {
  return {
    role: 'user',
    id: id as MessageId,
    parentId: parentId as MessageId | null,
    at: '2026-11-22T00:00:00.000Z',
    text,
  };
}

/** An answer that ended by itself; `part` says what is special about it. */
export function answer(id: string, text: string, part: Partial<Answer> = {}): Answer {
  return {
    role: 'assistant',
    id: id as MessageId,
    parentId: 'none' as MessageId,
    at: '2026-11-22T00:00:00.000Z',
    text,
    tokenIds: [1, 2],
    begunTokens: 0,
    model: { id: fakeId('a'), title: 'm' },
    seed: 1,
    settings: {
      systemPrompt: '',
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      maxNewTokens: 1024,
      stopStrings: [],
    },
    omittedMessages: 0,
    ending: { type: 'ended', reason: 'stop', summary: null },
    ...part,
  };
}
