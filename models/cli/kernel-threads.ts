import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { present } from '../../src/lib/assert.ts';
import type { StartThread } from '../../src/engine/simd/thread-pool.ts';

const ENTRY = fileURLToPath(new URL('./kernel-thread.ts', import.meta.url));

let bundling: Promise<URL> | null = null;

/** A way to start threads of the CPU engine as Node's workers. */
export async function nodeThreads(): Promise<StartThread> {
  const script = await (bundling ??= bundleEntry());
  return (order, { onReady, onDeath }) => {
    const worker = new Worker(script, { workerData: order });
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
}

/**
 * The entry as JavaScript, in a URL. A worker of Node 20 has not the loader of the thread that starts it, and one of its own takes
 * longer to start than most of what the threads are wanted for in tests.
 */
async function bundleEntry(): Promise<URL> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { ssr: ENTRY, write: false, minify: false },
  });
  const [chunk] = 'output' in result ? result.output : [];
  const code = present(chunk?.type === 'chunk' ? chunk.code : null, 'the bundled entry');
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
