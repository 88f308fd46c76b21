/** Entry of a thread that hashes what the download worker brings. */
import { serveHashes } from '../src/store/download/hash-threads.ts';

serveHashes(globalThis as unknown as DedicatedWorkerGlobalScope, reportError);
