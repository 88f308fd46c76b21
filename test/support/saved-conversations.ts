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
