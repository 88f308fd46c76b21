import { signal, type ReadonlySignal } from '@preact/signals-core';

export interface PageMemory {
  /** Bytes when it was last measured; null where the browser does not tell. */
  readonly bytes: ReadonlySignal<number | null | 'measuring'>;
  /** Measures, or measures once more after the measurement that runs. */
  readonly measure: () => void;
}

/**
 * Measuring is slow: Chromium waits a minute for workers that do not answer, and threads of the runtime that have
 * nothing to do never do (59 to 60 s measured 2026-11-22, Chromium 156). What was known stays in view meanwhile.
 */
export function createPageMemory(measureMemory: () => Promise<number | null>): PageMemory {
  const bytes = signal<number | null | 'measuring'>(null);
  let isRunning = false;
  let isStale = false;

  async function run(): Promise<void> {
    isRunning = true;
    if (bytes.peek() === null) bytes.value = 'measuring';
    do {
      isStale = false;
      bytes.value = await measureMemory();
    } while (isStale);
    isRunning = false;
  }

  return {
    bytes,
    measure() {
      isStale = true;
      if (!isRunning) void run();
    },
  };
}
