/** What the CPU engine needs of a browser: the files of its kernels, and workers as threads. */
import plainUrl from '../src/kernels/build/plain.wasm?url';
import relaxedUrl from '../src/kernels/build/relaxed.wasm?url';
import { AppError } from '../src/contract/errors.ts';
import type { KernelBuild } from '../src/engine/simd/open-kernels.ts';
import type { StartThread } from '../src/engine/simd/thread-pool.ts';

const URLS: Readonly<Record<KernelBuild, string>> = { plain: plainUrl, relaxed: relaxedUrl };

/** @throws AppError `runtime-failed` when this page's own file does not come */
export async function fetchKernels(build: KernelBuild): Promise<ArrayBuffer> {
  const response = await fetch(new URL(URLS[build], location.href));
  if (response.ok) return response.arrayBuffer();
  throw new AppError('runtime-failed', `${build} kernels: status ${response.status}`);
}

export const startWorkerThread: StartThread = (order, { onReady, onDeath }) => {
  const worker = new Worker(new URL('./kernel-thread.worker.ts', import.meta.url), {
    type: 'module',
    name: `kernels ${order.thread}`,
  });
  worker.addEventListener('message', onReady, { once: true });
  worker.addEventListener('messageerror', () => onDeath(new Error('its order cannot be read')));
  worker.addEventListener('error', (event) => {
    event.preventDefault(); // the pool tells; the page would take it for the death of the engine's worker
    onDeath(event.error ?? new Error(event.message || 'its script did not load'));
  });
  worker.postMessage(order);
  return {
    async terminate() {
      worker.terminate();
    },
  };
};
