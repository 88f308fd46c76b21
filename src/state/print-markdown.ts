import type { KeptConversation } from '../storage/records.ts';
import { plant, pathOf } from './message-tree.ts';
import { fromRecord } from './messages.ts';

/** A conversation to be read elsewhere: its title, and the branch that was on screen, as Markdown. Answers are Markdown already. */
export function printMarkdown({ conversation, messages }: KeptConversation): string {
  const path = pathOf(plant(messages.map(fromRecord), conversation.leafId));
  const parts = path.map((message) => {
    if (message.role === 'user') return quote(message.text);
    const by = message.model === null ? '' : `\n\n*${message.model.title}, seed ${message.seed}*`;
    return `${message.text}${by}`;
  });
  return `${[`# ${conversation.title}`, conversation.createdAt.slice(0, 10), ...parts].join('\n\n')}\n`;
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
