/** The life of one thread of the pool, but for thread 0: waits for commands, does its share, until told to quit. */
import { AppError } from '../../contract/errors.ts';
import { COMMAND, commandWords, DECODE, QUIT, readCommand, STEP } from './commands.ts';
import { STEP_LOST, STOP_NOW, type KernelExports } from './kernel-exports.ts';
import { startKernels } from './open-kernels.ts';
import { decodeShare } from './thread-share.ts';

/** What a thread is told when it starts; values only, they cross from one thread to another. */
export interface ThreadOrder {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** From 1. */
  readonly thread: number;
  /** Addresses: of the command block, of the model's description, of this thread's scratch. */
  readonly commands: number;
  readonly model: number;
  readonly scratch: number;
  /** The command that was given last before this thread began. */
  readonly lastCommand: number;
}

/** From a thread, once: it listens. */
export const THREAD_READY = 'ready';

/**
 * Looks at the word this often before it sleeps: about the time in which thread 0 chooses a token and lets events in
 * between two steps (0.2–0.5 ms), as waking up costs 0.05 ms and more.
 */
const SPINS = 20_000;

/**
 * @param onReady called before the first wait; nothing this thread is sent afterwards is heard
 * @throws what a kernel traps with, after the others were told not to wait
 */
export function serveThread(order: ThreadOrder, onReady: () => void): void {
  const { module, memory, commands, model, thread, scratch } = order;
  const kernels = startKernels(module, memory);
  const words = commandWords(memory, commands);
  let command = order.lastCommand;
  onReady();
  for (;;) {
    command = kernels.waitForChange(commands + 4 * COMMAND, command, SPINS);
    const { kind, threads } = readCommand(command);
    if (kind === QUIT) return;
    if (thread >= threads) continue;
    if (kind === STEP) runShare(kernels, memory, model, thread);
    if (kind === DECODE) decodeShare(kernels, words, scratch);
  }
}

function runShare(
  kernels: KernelExports,
  memory: WebAssembly.Memory,
  model: number,
  thread: number,
): void {
  let outcome = STEP_LOST;
  try {
    outcome = kernels.runStep(model, thread);
  } finally {
    if (outcome === STEP_LOST) stopNow(kernels, memory, model);
  }
  if (outcome === STEP_LOST) throw new AppError('worker-died', `thread ${thread} lost the others`);
}

/** Lets nobody wait at a barrier any more: this step cannot end well. */
export function stopNow(kernels: KernelExports, memory: WebAssembly.Memory, model: number): void {
  const address = kernels.stopWord(model) >>> 0;
  Atomics.store(new Int32Array(memory.buffer, address, 1), 0, STOP_NOW);
}
