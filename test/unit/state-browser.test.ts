import { describe, expect, test } from 'vitest';
import { browserNotes, measurePageMemory } from '../../src/state/browser.ts';

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
