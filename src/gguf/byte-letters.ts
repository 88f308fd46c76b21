/**
 * The letters of byte-level BPE, by byte: printable Latin-1 bytes stand for themselves, the other 68 for U+0100 onwards
 * in order.
 * @see `bytes_to_unicode` in https://github.com/openai/gpt-2/blob/master/src/encoder.py
 */
export const BYTE_LETTERS: readonly string[] = buildLetters();

function buildLetters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const standsForItself =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(standsForItself ? byte : next++);
  });
}
