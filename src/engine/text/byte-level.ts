import { AppError } from '../../contract/errors.ts';
import { BYTE_LETTERS } from '../../gguf/byte-letters.ts';

const BYTE_OF_CHARACTER = new Map(BYTE_LETTERS.map((character, byte) => [character, byte]));

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
