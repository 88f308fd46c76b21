import { Worker } from 'node:worker_threads';
import type { StartThread } from '../../src/engine/simd/thread-pool.ts';

const ENTRY = new URL('./kernel-thread.ts', import.meta.url).href;
const TSX = import.meta.resolve('tsx/esm/api');
/** The entry is TypeScript, and a worker of Node 20 does not have the loader of the thread that starts it. */
const START = `import('${TSX}').then(({ tsImport }) => tsImport('${ENTRY}', '${ENTRY}'))`;

/** Threads of the CPU engine as Node's workers. */
export const startNodeThread: StartThread = (order, { onReady, onDeath }) => {
  const worker = new Worker(START, { eval: true, workerData: order });
  let isWanted = true;
  worker.once('message', () => {
    worker.unref(); // from here on it waits for work, which keeps no process alive
    onReady();
  });
  worker.once('error', (cause) => {
    if (isWanted) onDeath(cause);
  });
  worker.once('exit', (code) => {
    if (isWanted) onDeath(new Error(`exit code ${code}`));
  });
  return {
    async terminate() {
      isWanted = false;
      await worker.terminate();
    },
  };
};
