import { AppError } from '../../contract/errors.ts';

/**
 * The byte ↔ character table of byte-level BPE: printable Latin-1 bytes stand for themselves, the other 68 for
 * U+0100 onwards in order. Source: `bytes_to_unicode` in openai/gpt-2 `src/encoder.py`.
 */
const CHARACTER_OF_BYTE = buildTable();
const BYTE_OF_CHARACTER = new Map(CHARACTER_OF_BYTE.map((character, byte) => [character, byte]));

/** The 256 characters that a byte-level vocabulary must have as tokens, by byte. */
export function byteCharacters(): readonly string[] {
  return CHARACTER_OF_BYTE;
}

/**
 * Bytes that a vocabulary entry stands for.
 * @throws AppError `gguf-malformed` when the entry holds a character that stands for no byte
 */
export function bytesOfEntry(entry: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of entry) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) {
      throw new AppError('gguf-malformed', 'a vocabulary entry is not byte-level BPE');
    }
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function buildTable(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const standsForItself =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(standsForItself ? byte : next++);
  });
}
