/** Entry of one thread of the CPU engine's pool in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveThread, THREAD_READY, type ThreadOrder } from '../../src/engine/simd/serve-thread.ts';

serveThread(workerData as ThreadOrder, () => parentPort?.postMessage(THREAD_READY));
