import type { Database } from './database.ts';
import type { ConversationId } from './records.ts';

/** Conversations in which every one of `words` occurs somewhere, in upper or lower case. */
export async function searchConversations(
  database: Database,
  words: readonly string[],
): Promise<ReadonlySet<ConversationId>> {
  const wanted = words.map((word) => word.toLowerCase());
  const missing = new Map<ConversationId, Set<string>>();
  const look = (id: ConversationId, text: string) => {
    const still = missing.get(id) ?? new Set(wanted);
    const lower = text.toLowerCase();
    for (const word of still) if (lower.includes(word)) still.delete(word);
    missing.set(id, still);
  };
  const transaction = database.transaction(['conversations', 'messages']);
  for (const { id, title } of await transaction.objectStore('conversations').getAll()) {
    look(id, title);
  }
  for await (const { value } of transaction.objectStore('messages')) {
    look(value.conversationId, value.text);
  }
  return new Set([...missing].filter(([, still]) => still.size === 0).map(([id]) => id));
}
