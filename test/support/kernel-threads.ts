import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { KernelModel } from './kernel-model.ts';
import { kernelModule, type Build } from './kernels.ts';

/** Waits for the command word to change, runs a step; ends at −1. In JavaScript, for Node starts a worker from nothing else. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, memory, model, thread, command } = workerData;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  parentPort.postMessage('ready');
  let seen = 0;
  while ((seen = exports.waitForChange(command, seen, 1000)) !== -1) exports.runStep(model, thread);
`;

/** Threads beside this one, on the memory of a model. */
export class KernelThreads {
  readonly #model: KernelModel;
  readonly #workers: readonly Worker[];
  readonly #command: Int32Array;

  private constructor(model: KernelModel, workers: readonly Worker[], command: Int32Array) {
    this.#model = model;
    this.#workers = workers;
    this.#command = command;
  }

  /** Resolves when they wait for work. @param threads numbers of those to start; this one is 0 */
  static async start(build: Build, model: KernelModel, threads: readonly number[]) {
    const { bench, address } = model;
    const command = bench.place(4);
    const word = bench.viewInts(command, 1);
    word[0] = 0;
    const shared = { module: kernelModule(build), memory: bench.memory, model: address, command };
    const workers = threads.map(
      (thread) => new Worker(THREAD, { eval: true, workerData: { ...shared, thread } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    return new KernelThreads(model, workers, word);
  }

  /** The prepared step, on all threads. @returns this thread's outcome */
  step(): number {
    Atomics.add(this.#command, 0, 1);
    Atomics.notify(this.#command, 0);
    return this.#model.bench.kernels.runStep(this.#model.address, 0);
  }

  async end(): Promise<void> {
    Atomics.store(this.#command, 0, -1);
    Atomics.notify(this.#command, 0);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
