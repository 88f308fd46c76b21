/** Entry of one thread of the CPU engine's pool. Its one message tells it what to work on; afterwards it looks at memory only. */
import { serveThread, THREAD_READY, type ThreadOrder } from '../src/engine/simd/serve-thread.ts';

addEventListener(
  'message',
  ({ data }: MessageEvent<ThreadOrder>) => serveThread(data, () => postMessage(THREAD_READY)),
  { once: true },
);
