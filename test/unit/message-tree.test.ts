import { describe, expect, test } from 'vitest';
import {
  EMPTY_TREE,
  grow,
  pathOf,
  plant,
  siblingsOf,
  turnTo,
  type MessageTree,
} from '../../src/state/message-tree.ts';
import type { Message, MessageId } from '../../src/state/messages.ts';
import { answer, question } from '../support/messages.ts';

const id = (text: string) => text as MessageId;
const reply = (name: string, parentId: string) =>
  answer(name, `text of ${name}`, { parentId: id(parentId) });
const pathIds = (tree: MessageTree) => pathOf(tree).map((message) => message.id);

/** q1 → a1, a2; a1 → q2 → a3; and q3, another beginning. */
const MESSAGES: readonly Message[] = [
  question('q1', 'one'),
  reply('a1', 'q1'),
  question('q2', 'two', 'a1'),
  reply('a3', 'q2'),
  reply('a2', 'q1'),
  question('q3', 'three'),
];

describe('a tree of messages', () => {
  test('shows the branch that ends at its leaf', () => {
    expect(pathIds(plant(MESSAGES, id('a3')))).toEqual(['q1', 'a1', 'q2', 'a3']);
    expect(pathIds(plant(MESSAGES, id('a2')))).toEqual(['q1', 'a2']);
    expect(pathIds(EMPTY_TREE)).toEqual([]);
  });

  test('turns to a branch, and there to its newest end', () => {
    const tree = plant(MESSAGES, id('a2'));

    expect(pathIds(turnTo(tree, id('a1')))).toEqual(['q1', 'a1', 'q2', 'a3']);
    expect(pathIds(turnTo(tree, id('q3')))).toEqual(['q3']);
  });

  test('knows what else was said in the same place', () => {
    const tree = plant(MESSAGES, id('a3'));
    const idsBeside = (name: string) => {
      const message = tree.messages.get(id(name));
      return message === undefined ? [] : siblingsOf(tree, message).map(({ id }) => id);
    };

    expect(idsBeside('a1')).toEqual(['a1', 'a2']);
    expect(idsBeside('q1')).toEqual(['q1', 'q3']);
    expect(idsBeside('q2')).toEqual(['q2']);
  });

  test('keeps what it had when it grows, and takes a later state of a message in its place', () => {
    const before = plant(MESSAGES, id('a3'));

    const after = grow(before, { ...reply('a3', 'q2'), text: 'longer' });

    expect(pathOf(after).at(-1)?.text).toBe('longer');
    expect(pathOf(before).at(-1)?.text).toBe('text of a3');
    expect(after.messages.size).toBe(before.messages.size);
  });

  test('of which a part is lost, shows the rest', () => {
    const rest = MESSAGES.filter((message) => message.id !== 'a1');

    expect(pathIds(plant(rest, id('a3')))).toEqual(['q2', 'a3']);
    expect(pathIds(plant(rest, id('gone')))).not.toEqual([]);
  });

  test('in which messages follow each other in a circle, is still left again', () => {
    const circle = [question('q1', 'one', 'a1'), reply('a1', 'q1')];
    const tree = plant(circle, id('a1'));

    expect(pathIds(tree)).toEqual(['q1', 'a1']);
    expect(turnTo(tree, id('q1')).leafId).toBe('a1');
  });
});
