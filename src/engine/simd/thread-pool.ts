/** The threads that share one memory and the work in it. Thread 0 is whoever calls; the others live in workers. */
import { AppError } from '../../contract/errors.ts';
import { present } from '../../lib/assert.ts';
import {
  ARRIVED,
  COMMAND,
  commandWords,
  DECODE,
  FIRST_ROW,
  GGML_TYPE,
  giveCommand,
  MATRIX,
  NEXT_ROW,
  QUIT,
  ROW_BYTES,
  ROWS,
  SOURCE,
  STEP,
} from './commands.ts';
import { STEP_DONE, type KernelExports } from './kernel-exports.ts';
import type { MemoryMap } from './memory-map.ts';
import { stopNow, type ThreadOrder } from './serve-thread.ts';
import { decodeShare } from './thread-share.ts';

/** A thread of the platform: a worker of the browser's, or of Node's. */
export interface Thread {
  /** Ends it wherever it is; not a death. Resolves when it has ended, as far as the platform tells. */
  terminate(): Promise<void>;
}

export interface ThreadEvents {
  /** It listens to commands. */
  readonly onReady: () => void;
  /** It ended by itself, or did not begin. */
  readonly onDeath: (cause: unknown) => void;
}

/** Starts a worker that runs `serveThread(order, …)`. */
export type StartThread = (order: ThreadOrder, events: ThreadEvents) => Thread;

/** What all threads work with. */
export interface SharedKernels {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly map: MemoryMap;
  /** Thread 0's own. */
  readonly kernels: KernelExports;
}

/** Rows of a tensor, as `decodeRows` takes them. */
export interface RowsToDecode {
  readonly ggmlType: number;
  readonly source: number;
  readonly rowBytes: number;
  readonly matrix: number;
  readonly firstRow: number;
  readonly rows: number;
}

const SLICE_MS = 100;
/** A thread that has not done its share of a piece by then is no more: it is a few milliseconds of work, but the machine may be busy. */
const SLICES_UNTIL_LOST = 100;

export class ThreadPool {
  readonly #shared: SharedKernels;
  readonly #words: Int32Array;
  #others: readonly Thread[] = [];
  #stepThreads = 1;
  #loss: AppError | null = null;

  private constructor(shared: SharedKernels) {
    this.#shared = shared;
    this.#words = commandWords(shared.memory, shared.map.commands);
  }

  /**
   * @param threads at least 1, this one included; more need a memory that other threads can have, that is a page which
   *   is cross-origin isolated
   * @throws AppError `worker-died` when one of them does not begin
   */
  static async start(
    shared: SharedKernels,
    threads: number,
    startThread: StartThread,
  ): Promise<ThreadPool> {
    const pool = new ThreadPool(shared);
    const lastCommand = Atomics.load(pool.#words, COMMAND);
    const starts = Array.from({ length: threads - 1 }, (_, index) =>
      pool.#startThread(index + 1, lastCommand, startThread),
    );
    pool.#others = starts.map(({ thread }) => thread);
    try {
      await Promise.all(starts.map(({ isReady }) => isReady));
    } catch (error) {
      await pool.terminate();
      throw error;
    }
    return pool;
  }

  /** All, this one included. */
  get threads(): number {
    return this.#others.length + 1;
  }

  /** Why nothing can be run any more; null while all threads live. */
  get loss(): AppError | null {
    return this.#loss;
  }

  /** How many of the threads share the steps from now on, once there is a workspace. Not during a step. */
  shareStepsAmong(threads: number): void {
    const { kernels, map } = this.#shared;
    kernels.setThreads(map.model, threads);
    this.#stepThreads = threads;
  }

  /**
   * Runs the step that was prepared, and returns when it is done.
   * @throws AppError `worker-died` when a thread is lost, `runtime-failed` when a kernel traps; the pool is then of no use
   */
  runStep(): void {
    this.#refuseLoss();
    const { kernels, memory, map } = this.#shared;
    giveCommand(this.#words, STEP, this.#stepThreads);
    try {
      if (kernels.runStep(map.model, 0) === STEP_DONE) return;
    } catch (cause) {
      this.#loss = new AppError('runtime-failed', 'a kernel trapped', { cause });
    }
    this.#loss ??= lostThread();
    stopNow(kernels, memory, map.model);
    throw this.#loss;
  }

  /** Lets the other threads begin. This one may do something else before it calls `finishDecoding`. */
  startDecoding(work: RowsToDecode): void {
    this.#refuseLoss();
    const words = this.#words;
    words[GGML_TYPE] = work.ggmlType;
    words[SOURCE] = work.source;
    words[ROW_BYTES] = work.rowBytes;
    words[MATRIX] = work.matrix;
    words[FIRST_ROW] = work.firstRow;
    words[ROWS] = work.rows;
    words[NEXT_ROW] = 0;
    words[ARRIVED] = 0;
    giveCommand(words, DECODE, this.threads);
  }

  /**
   * Does this thread's share, and returns when all rows are decoded.
   * @throws AppError `worker-died` when a thread is lost
   */
  finishDecoding(): void {
    const { kernels, map } = this.#shared;
    const words = this.#words;
    decodeShare(kernels, words, map.rowScratch);
    for (let slices = 0; ; slices++) {
      const arrived = Atomics.load(words, ARRIVED);
      if (arrived === this.threads) return;
      if (slices === SLICES_UNTIL_LOST) {
        this.#loss = lostThread();
        throw this.#loss;
      }
      if (Atomics.wait(words, ARRIVED, arrived, SLICE_MS) !== 'timed-out') slices = 0;
    }
  }

  /** Keeps only the first `threads` threads. Not during a step. */
  async shrinkTo(threads: number): Promise<void> {
    const surplus = this.#others.slice(threads - 1);
    this.#others = this.#others.slice(0, threads - 1);
    this.shareStepsAmong(threads);
    await Promise.all(surplus.map((thread) => thread.terminate()));
  }

  /** Ends all threads but this one, whatever they do. */
  async terminate(): Promise<void> {
    this.#loss ??= new AppError('not-loaded', 'the threads were ended');
    giveCommand(this.#words, QUIT, this.threads);
    await Promise.all(this.#others.map((thread) => thread.terminate()));
  }

  #startThread(
    index: number,
    lastCommand: number,
    startThread: StartThread,
  ): { thread: Thread; isReady: Promise<void> } {
    const { module, memory, map } = this.#shared;
    const { commands, model } = map;
    const scratch = map.rowScratch + index * map.rowScratchBytes;
    const order = { module, memory, thread: index, commands, model, scratch, lastCommand };
    let thread: Thread | null = null;
    const isReady = new Promise<void>((resolve, reject) => {
      thread = startThread(order, {
        onReady: resolve,
        onDeath: (cause) => {
          this.#loss ??= new AppError('worker-died', `thread ${index} ended`, { cause });
          reject(this.#loss); // heard while the pool starts; later `loss` tells
        },
      });
    });
    isReady.catch(() => {});
    return { thread: present<Thread>(thread, 'a started thread'), isReady };
  }

  #refuseLoss(): void {
    if (this.#loss !== null) throw this.#loss;
  }
}

function lostThread(): AppError {
  return new AppError('worker-died', 'a thread did not arrive');
}
