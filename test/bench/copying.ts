/** Questions whose answers repeat much of what was asked: rewriting, summarising, editing code. For drafts from the prompt. */
import { present } from '../../src/lib/assert.ts';
import type { TextCodec } from '../../src/engine/text/tokenizer.ts';
import type { Prompt } from './prompts.ts';
import { PROSE } from './prose.ts';

const [, ...PARAGRAPHS] = PROSE.split(/\n\n/).map((paragraph) => paragraph.trim());

const CODE = `function totals(orders) {
  const result = { count: 0, amount: 0, largest: null };
  for (const order of orders) {
    if (order.cancelled) continue;
    result.count += 1;
    result.amount += order.price * order.quantity;
    if (result.largest === null || order.price > result.largest.price) {
      result.largest = order;
    }
  }
  return result;
}

function byCustomer(orders) {
  const groups = new Map();
  for (const order of orders) {
    const group = groups.get(order.customer) ?? [];
    group.push(order);
    groups.set(order.customer, group);
  }
  return groups;
}`;

const TASKS: readonly string[] = [
  `Rewrite this text with every "river" replaced by "stream" and nothing else changed:\n\n${PARAGRAPHS[0] ?? ''}`,
  `Summarise this text in three sentences, using its own words:\n\n${PARAGRAPHS[1] ?? ''}\n\n${PARAGRAPHS[2] ?? ''}`,
  `Rename the parameter "orders" to "purchases" everywhere in this code and print all of it:\n\n${CODE}`,
];

/** Each as a chat with one message. */
export function copyingPrompts(codec: TextCodec): readonly Prompt[] {
  return TASKS.map((text) => ({ text, tokenIds: asChat(text, codec) })).toSorted(
    (a, b) => a.tokenIds.length - b.tokenIds.length,
  );
}

/** One message, by the template of Qwen2.5. */
export function asChat(message: string, codec: TextCodec): readonly number[] {
  const control = (name: string) => present(codec.controlTokens.get(name), name);
  return [
    control('<|im_start|>'),
    ...codec.encode('system\nYou are a helpful assistant.'),
    control('<|im_end|>'),
    ...codec.encode('\n'),
    control('<|im_start|>'),
    ...codec.encode(`user\n${message}`),
    control('<|im_end|>'),
    ...codec.encode('\n'),
    control('<|im_start|>'),
    ...codec.encode('assistant\n'),
  ];
}
