/** The bench page of an engine that runs in a worker; tokens are timed by the page as they arrive there. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import { present } from '../../../src/lib/assert.ts';
import type { BenchPage, LoadReport, LoadRequest, RunReport, RunRequest } from '../protocol.ts';

/** What such a worker exposes. */
export interface WorkerBench {
  load(request: LoadRequest): Promise<LoadReport['engine']>;
  /**
   * Posts each new token's id on `tokens` as soon as it is known.
   * Resolves with the number of prompt tokens that were run.
   */
  run(request: RunRequest, tokens: MessagePort): Promise<number>;
}

export function benchOver(worker: Worker, prepare: BenchPage['prepare']): BenchPage {
  keepErrorsWhole();
  const engine = Comlink.wrap<WorkerBench>(worker);
  const died = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(new Error(`worker: ${event.message}`)));
  });
  died.catch(() => {}); // told to whoever waits, by `alive`
  /** Comlink promises never settle once their worker is gone. */
  const alive = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, died]);

  async function load(request: LoadRequest): Promise<LoadReport> {
    const startedMs = performance.now();
    const facts = await alive(engine.load(request));
    return { loadMs: performance.now() - startedMs, engine: facts };
  }

  async function run(request: RunRequest): Promise<RunReport> {
    const heardMs: number[] = [];
    const { port1: here, port2: there } = new MessageChannel();
    const allHeard = new Promise<void>((resolve) => {
      here.onmessage = () => {
        heardMs.push(performance.now() - startedMs);
        if (heardMs.length === request.newTokens) resolve();
      };
    });

    const startedMs = performance.now();
    const promptTokens = await alive(engine.run(request, Comlink.transfer(there, [there])));
    await alive(allHeard);

    here.close();
    return {
      promptTokens,
      newTokens: heardMs.length,
      firstTokenMs: present(heardMs[0], 'a first token'),
      lastTokenMs: present(heardMs.at(-1), 'a last token'),
    };
  }

  return { prepare, load, run };
}
