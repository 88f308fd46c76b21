/** Files as the page saves them, for what a page is to show without a model having written it. */
import { toRecord } from '../../src/state/messages.ts';
import type { MessageId } from '../../src/state/messages.ts';
import type { ConversationId, ConversationRecord } from '../../src/storage/records.ts';
import { printConversations } from '../../src/storage/exchange.ts';
import { answer, question } from './messages.ts';

/** One conversation in which these texts are asked and answered by turns. */
export function savedConversation(title: string, texts: readonly string[]): string {
  const messages = texts.map((text, index) => {
    const parentId = index === 0 ? null : `m${index - 1}`;
    const part = { parentId: parentId as MessageId };
    return toRecord(
      index % 2 === 0 ? question(`m${index}`, text, parentId) : answer(`m${index}`, text, part),
    );
  });
  const conversation: ConversationRecord = {
    version: 1,
    id: `saved ${title}` as ConversationId,
    title,
    isPinned: false,
    createdAt: '2026-11-22T00:00:00.000Z',
    changedAt: '2026-11-22T00:00:00.000Z',
    leafId: `m${texts.length - 1}` as MessageId,
    settings: {},
  };
  return printConversations([{ conversation, messages }]);
}

/** So many conversations, each of one question that nobody answered. */
export function manyConversations(count: number): string {
  const at = '2026-11-20T00:00:00.000Z';
  const messages = [{ version: 1, role: 'user', id: 'q', parentId: null, at, text: 'Anything?' }];
  const conversations = Array.from({ length: count }, (_, index) => ({
    conversation: {
      version: 1,
      id: `many-${index}`,
      title: `Conversation ${index}`,
      isPinned: false,
      createdAt: at,
      changedAt: at,
      leafId: 'q',
      settings: {},
    },
    messages,
  }));
  return JSON.stringify({ format: 'offgrid-conversations', version: 1, conversations });
}
