/** What one thread does of a command: the same on thread 0, which gives it, and on the others. */
import {
  ARRIVED,
  FIRST_ROW,
  GGML_TYPE,
  MATRIX,
  NEXT_ROW,
  ROW_BYTES,
  ROWS,
  SOURCE,
  wordAt,
} from './commands.ts';
import type { KernelExports } from './kernel-exports.ts';

/**
 * Bytes of the file that a thread takes at a time: many for the few microseconds that taking costs, few beside a
 * piece of 4 MB, so that all threads finish together, fast and slow ones.
 */
const TAKEN_BYTES = 64 * 1024;

/** Takes rows until none is left, then says so. `scratch` is this thread's own. */
export function decodeShare(kernels: KernelExports, words: Int32Array, scratch: number): void {
  const rows = wordAt(words, ROWS);
  const rowBytes = wordAt(words, ROW_BYTES);
  const takenRows = Math.max(1, Math.floor(TAKEN_BYTES / rowBytes));
  for (;;) {
    const row = Atomics.add(words, NEXT_ROW, takenRows);
    if (row >= rows) break;
    kernels.decodeRows(
      wordAt(words, GGML_TYPE),
      (wordAt(words, SOURCE) >>> 0) + row * rowBytes,
      wordAt(words, MATRIX),
      wordAt(words, FIRST_ROW) + row,
      Math.min(takenRows, rows - row),
      scratch,
    );
  }
  Atomics.add(words, ARRIVED, 1);
  Atomics.notify(words, ARRIVED);
}
