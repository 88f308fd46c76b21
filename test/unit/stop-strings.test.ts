import { describe, expect, test } from 'vitest';
import { StopStrings } from '../../src/engine/text/stop-strings.ts';

function feed(stops: string[], pieces: string[]) {
  const reader = new StopStrings(stops);
  return { out: pieces.map((piece) => reader.push(piece)), hit: reader.hit, tail: reader.flush() };
}

describe('StopStrings', () => {
  test('text without any stop string passes at once', () => {
    expect(feed([], ['ab', 'c'])).toEqual({ out: ['ab', 'c'], hit: null, tail: '' });
    expect(feed(['###'], ['ab', 'c'])).toEqual({ out: ['ab', 'c'], hit: null, tail: '' });
  });

  test('the text ends before the stop string, also when it comes in pieces', () => {
    expect(feed(['END'], ['one E', 'N', 'D two'])).toEqual({
      out: ['one ', '', ''],
      hit: 'END',
      tail: '',
    });
  });

  test('what only began like a stop string is given out late, but whole', () => {
    expect(feed(['END'], ['E', 'N', 'x'])).toEqual({ out: ['', '', 'ENx'], hit: null, tail: '' });
    expect(feed(['END'], ['the EN'])).toEqual({ out: ['the '], hit: null, tail: 'EN' });
  });

  test('a false start may hide the true one', () => {
    expect(feed(['aab'], ['a', 'a', 'a', 'b'])).toMatchObject({
      out: ['', '', 'a', ''],
      hit: 'aab',
    });
  });

  test('the first to be completed counts, however the text is cut', () => {
    for (const pieces of [['xabcd'], ['x', 'ab', 'cd'], ['xabc', 'd'], ['x', 'a', 'b', 'c', 'd']]) {
      const { out, hit } = feed(['abcd', 'bc'], pieces);
      expect(out.join('')).toBe('xa');
      expect(hit).toBe('bc');
    }
  });

  test('of two completed by the same character, the longer one counts', () => {
    const { out, hit } = feed(['c', 'abc'], ['xabc']);

    expect(out).toEqual(['x']);
    expect(hit).toBe('abc');
  });

  test('nothing comes after a hit', () => {
    expect(feed(['\n'], ['a\nb', 'c'])).toEqual({ out: ['a', ''], hit: '\n', tail: '' });
  });
});
