/**
 * How thread 0 tells the others what to do: int32 words in the shared memory. One of them is the command, so that whoever sees it sees
 * it whole: what is to be done, how many threads do it, and a count by which it differs from the one before.
 */

/** Words, as indices into the int32s of a command block. */
export const COMMAND = 0;
/** Of a `DECODE`: threads that have done their share. */
export const ARRIVED = 1;
/** Of a `DECODE`: what `decodeRows` takes, the size of a row in the file, and the next row that nobody has taken. */
export const GGML_TYPE = 2;
export const SOURCE = 3;
export const ROW_BYTES = 4;
export const MATRIX = 5;
export const FIRST_ROW = 6;
export const ROWS = 7;
export const NEXT_ROW = 8;
const WORDS = 16;

export const COMMAND_BYTES = 4 * WORDS;

/** A step that thread 0 has prepared. */
export const STEP = 1;
/** Rows of a tensor to be turned into rows of a matrix. */
export const DECODE = 2;
export const QUIT = 3;
type Kind = typeof STEP | typeof DECODE | typeof QUIT;

/** The words of the command block at `address`. */
export function commandWords(memory: WebAssembly.Memory, address: number): Int32Array {
  return new Int32Array(memory.buffer, address, WORDS);
}

/** Gives a command to the first `threads` threads (at most 255); the others take no part. */
export function giveCommand(words: Int32Array, kind: Kind, threads: number): void {
  const count = (Atomics.load(words, COMMAND) >> 16) + 1;
  Atomics.store(words, COMMAND, (count << 16) | (threads << 8) | kind);
  Atomics.notify(words, COMMAND);
}

export function readCommand(command: number): { readonly kind: number; readonly threads: number } {
  return { kind: command & 0xff, threads: (command >> 8) & 0xff };
}

export function wordAt(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
