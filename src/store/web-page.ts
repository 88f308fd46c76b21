/**
 * Whether bytes begin like a web page (or an XML error of a file host) instead of a model: their first visible
 * character is `<`, which no GGUF begins with. Null while all of them are blank.
 */
export function beginsLikePage(bytes: Uint8Array): boolean | null {
  for (const byte of bytes) {
    if (!BLANKS.has(byte)) return byte === 0x3c;
  }
  return null;
}

/** Tab, line feed, carriage return, space, and the three bytes of a byte order mark. */
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);
