import { describe, expect, test } from 'vitest';
import { browserNotes, browserRoom, measurePageMemory } from '../../src/state/browser.ts';

describe('notes that outlive the tab', () => {
  test('are read back, and taken away', () => {
    const kept = new Map<string, string>();
    const notes = browserNotes(() => ({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    }));

    notes.write('a', '1');
    notes.write('b', '2');
    notes.write('b', null);

    expect([notes.read('a'), notes.read('b')]).toEqual(['1', null]);
  });

  test('are simply not there in a browser that forbids them', () => {
    const notes = browserNotes(() => {
      throw new DOMException('denied', 'SecurityError');
    });

    notes.write('a', '1');

    expect(notes.read('a')).toBeNull();
  });
});

describe('room on the device', () => {
  test('is what the browser says', async () => {
    const room = browserRoom({
      persisted: () => Promise.resolve(false),
      persist: () => Promise.resolve(true),
      estimate: () => Promise.resolve({ usage: 3, quota: 10 }),
    });

    expect(await room.look()).toEqual({ isKept: false, usedBytes: 3, leftBytes: 7 });
    expect(await room.askToKeep()).toBe(true);
  });

  const refuse = () => Promise.reject(new TypeError('denied'));
  test.each([
    ['has no storage', undefined],
    ['does not know the questions', {}],
    ['refuses to answer', { persisted: refuse, persist: refuse, estimate: refuse }],
  ])('is unknown where the browser %s', async (_case, storage) => {
    const room = browserRoom(storage);

    expect(await room.look()).toEqual({ isKept: null, usedBytes: null, leftBytes: null });
    expect(await room.askToKeep()).toBe(false);
  });

  test('is never less than nothing', async () => {
    const room = browserRoom({ estimate: () => Promise.resolve({ usage: 12, quota: 10 }) });

    expect(await room.look()).toMatchObject({ usedBytes: 12, leftBytes: 0 });
  });
});

describe('memory of the page', () => {
  test('is what the browser says', async () => {
    const telling = { measureUserAgentSpecificMemory: () => Promise.resolve({ bytes: 7 }) };

    expect(await measurePageMemory(telling)).toBe(7);
  });

  test.each([
    ['does not know the question', {}],
    [
      'refuses to answer',
      { measureUserAgentSpecificMemory: () => Promise.reject(new Error('not isolated')) },
    ],
  ])('is unknown where the browser %s', async (_case, performance) => {
    expect(await measurePageMemory(performance)).toBeNull();
  });
});
