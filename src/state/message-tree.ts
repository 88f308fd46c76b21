import type { Message, MessageId } from './messages.ts';

/** All that was ever said in a conversation, and the branch of it that is on screen. A value: what changes it gives another. */
export interface MessageTree {
  /** In the order in which they came. */
  readonly messages: ReadonlyMap<MessageId, Message>;
  /** The end of the branch; null for an empty one. */
  readonly leafId: MessageId | null;
}

export const EMPTY_TREE: MessageTree = { messages: new Map(), leafId: null };

/**
 * A tree of messages in any order. One whose parent is missing becomes a beginning, and a leaf that is missing the newest
 * message: whatever was lost, the rest can be read.
 */
export function plant(messages: readonly Message[], leafId: MessageId | null): MessageTree {
  const known = new Set(messages.map(({ id }) => id));
  const inOrder = [...messages].sort((a, b) => a.at.localeCompare(b.at));
  const byId = new Map<MessageId, Message>();
  for (const message of inOrder) {
    const isOrphan = message.parentId !== null && !known.has(message.parentId);
    byId.set(
      message.id,
      isOrphan && message.role === 'user' ? { ...message, parentId: null } : message,
    );
  }
  const leaf = leafId !== null && known.has(leafId) ? leafId : (inOrder.at(-1)?.id ?? null);
  return { messages: byId, leafId: leaf };
}

/** With `message` in it, new or in place of an earlier state of it, and at its end. */
export function grow(tree: MessageTree, message: Message): MessageTree {
  return { messages: new Map(tree.messages).set(message.id, message), leafId: message.id };
}

/** From the beginning to the leaf. */
export function pathOf({ messages, leafId }: MessageTree): readonly Message[] {
  const path: Message[] = [];
  const met = new Set<MessageId>();
  let id = leafId;
  while (id !== null && !met.has(id)) {
    met.add(id);
    const message = messages.get(id);
    if (message === undefined) break;
    path.push(message);
    id = message.parentId;
  }
  return path.reverse();
}

/** What stands at the same place in other branches, itself included, oldest first. */
export function siblingsOf(tree: MessageTree, { parentId }: Message): readonly Message[] {
  return [...tree.messages.values()].filter((message) => message.parentId === parentId);
}

/** The branch that goes through `id`, to the newest end of it. */
export function turnTo(tree: MessageTree, id: MessageId): MessageTree {
  const newestChild = new Map<MessageId, MessageId>();
  for (const { id: child, parentId } of tree.messages.values()) {
    if (parentId !== null) newestChild.set(parentId, child);
  }
  let leafId = id;
  const met = new Set<MessageId>();
  for (;;) {
    met.add(leafId);
    const child = newestChild.get(leafId);
    if (child === undefined || met.has(child)) return { messages: tree.messages, leafId };
    leafId = child;
  }
}
