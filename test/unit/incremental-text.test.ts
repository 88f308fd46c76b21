import { describe, expect, test } from 'vitest';
import { IncrementalText } from '../../src/engine/text/incremental-text.ts';
import { Prng } from '../../src/lib/prng.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('IncrementalText', () => {
  test('a character over three tokens appears with its last byte', () => {
    const text = new IncrementalText();
    const [a, b, c, d] = utf8('😀');

    const pieces = [[a], [b, c], [d]].map((bytes) => text.push(Uint8Array.from(bytes.map(Number))));

    expect(pieces).toEqual(['', '', '😀']);
  });

  test('a token may end one character and begin another', () => {
    const text = new IncrementalText();
    const bytes = utf8('日本');

    expect(text.push(bytes.subarray(0, 4))).toBe('日');
    expect(text.push(bytes.subarray(4))).toBe('本');
    expect(text.flush()).toBe('');
  });

  test('bytes that can no longer become a character show as U+FFFD, as soon as that is certain', () => {
    const text = new IncrementalText();

    expect(text.push(Uint8Array.of(0xe6, 0x97))).toBe('');
    expect(text.push(utf8('a'))).toBe('\u{FFFD}a');
    expect(text.push(Uint8Array.of(0xff))).toBe('\u{FFFD}');
  });

  test('an open character at the end shows as U+FFFD, once, and the next text starts afresh', () => {
    const text = new IncrementalText();
    text.push(Uint8Array.of(0xf0, 0x9f));

    expect(text.flush()).toBe('\u{FFFD}');
    expect(text.flush()).toBe('');
    expect(text.push(utf8('é'))).toBe('é');
  });

  test('a byte order mark is text like any other', () => {
    expect(new IncrementalText().push(utf8('\u{FEFF}a'))).toBe('\u{FEFF}a');
  });

  test('however bytes are cut, the text is the same', () => {
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    const prng = new Prng(seed);
    const bytes = Uint8Array.from([
      ...utf8('aé日😀\u{301}\r\n'),
      0xc3,
      0x28,
      0xf0,
      0x9f,
      0x98,
      0x41,
      0xed,
    ]);
    const whole = new TextDecoder('utf-8').decode(bytes);
    for (let round = 0; round < 200; round++) {
      const text = new IncrementalText();
      let joined = '';
      for (let at = 0; at < bytes.length;) {
        const end = at + (prng.nextUint32() % 4);
        joined += text.push(bytes.subarray(at, end));
        at = end;
      }
      joined += text.flush();

      expect(joined, `seed ${seed}, round ${round}`).toBe(whole);
    }
  });
});
