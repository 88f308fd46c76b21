import { expect, test } from 'vitest';
import type { ConversationId, ConversationRecord } from '../../src/state/library.ts';
import { cutRows } from '../../src/ui/conversations/row-parts.ts';

function recordOf(index: number): ConversationRecord {
  const at = '2026-11-20T00:00:00.000Z';
  return {
    version: 1,
    id: `c${index}` as ConversationId,
    title: `Conversation ${index}`,
    isPinned: false,
    createdAt: at,
    changedAt: at,
    leafId: null,
    settings: {},
  };
}

const MANY = Array.from({ length: 500 }, (_, index) => recordOf(index));

test('many conversations are listed in parts, in their order', () => {
  const parts = cutRows(MANY, []);

  expect(parts.length).toBeGreaterThan(5);
  expect(parts.flatMap(({ records }) => records)).toEqual(MANY);
});

test('a conversation that comes to the top moves no other into another part', () => {
  const before = cutRows(MANY, []);
  const moved = MANY[399];
  const after = cutRows(
    [...MANY.slice(399, 400), ...MANY.slice(0, 399), ...MANY.slice(400)],
    before,
  );
  const partsById = (parts: typeof before) =>
    new Map(parts.flatMap(({ key, records }) => records.map(({ id }) => [id, key] as const)));
  const [was, is] = [partsById(before), partsById(after)];

  const others = [...was].filter(([id, key]) => is.get(id) !== key).map(([id]) => id);

  expect(others).toEqual([moved?.id]);
  expect(after[0]?.records[0]).toBe(moved);
});

test('parts stay small as conversations are added, and none is lost as they are deleted', () => {
  let parts = cutRows(MANY.slice(490), []);
  for (let first = 489; first >= 0; first--) parts = cutRows(MANY.slice(first), parts);
  const largest = Math.max(...parts.map(({ records }) => records.length));

  const few = cutRows(
    MANY.filter((_, index) => index % 7 === 0),
    parts,
  );

  expect(largest).toBeLessThanOrEqual(80);
  expect(few.flatMap(({ records }) => records)).toHaveLength(72);
});
