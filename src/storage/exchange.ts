/** Conversations as a file that a person saves, and opens again here or elsewhere. */
import { AppError } from '../contract/errors.ts';
import { fields, readConversation, readMessage, WrongShape } from './read-records.ts';
import type { KeptConversation, MessageRecord } from './records.ts';

const FORMAT = 'offgrid-conversations';

/** All of it: every branch, settings, seeds, statistics. */
export function printConversations(kept: readonly KeptConversation[]): string {
  return JSON.stringify({ format: FORMAT, version: 1, conversations: kept }, null, 1);
}

/** @throws AppError `import-failed`, which names what is wrong */
export function parseConversations(json: string): readonly KeptConversation[] {
  try {
    const file = fields(parseJson(json), 'file');
    file.oneOf('format', [FORMAT]);
    file.only('version', 1);
    return file.list('conversations').map((value, index) => readKept(value, index));
  } catch (thrown) {
    if (!(thrown instanceof WrongShape)) throw thrown;
    throw new AppError('import-failed', thrown.message, { cause: thrown });
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AppError('import-failed', 'the file is not JSON', { cause });
  }
}

function readKept(value: unknown, index: number): KeptConversation {
  const from = fields(value, `conversations[${index}]`);
  const conversation = readConversation(from.all['conversation']);
  const messages = from.list('messages').map(readMessage);
  checkTree(messages);
  return { conversation, messages };
}

/** Questions follow answers, answers questions, and nobody follows himself. */
function checkTree(messages: readonly MessageRecord[]): void {
  const byId = new Map(messages.map((message) => [message.id, message]));
  if (byId.size !== messages.length) throw new WrongShape('two messages have the same id');
  const reached = new Set<string>();
  for (const message of messages) {
    const way = new Set<string>();
    for (let here: MessageRecord = message; !reached.has(here.id);) {
      if (way.has(here.id)) throw new WrongShape('messages follow each other in a circle');
      way.add(here.id);
      if (here.parentId === null) break;
      const parent = byId.get(here.parentId);
      if (parent === undefined) throw new WrongShape('a message follows one that is not there');
      if (parent.role === here.role) throw new WrongShape('a message follows one of its own kind');
      here = parent;
    }
    for (const id of way) reached.add(id);
  }
}
