import { env, InferenceSession } from '#ort';
import { AppError } from '../../contract/errors.ts';
import { LazyBytes } from './lazy-bytes.ts';

export interface RuntimeFiles {
  /** Where ORT's own `.mjs` and `.wasm` lie; null in Node, where it finds them beside itself. */
  readonly folderUrl: string | null;
}

/** Names ORT gave the files that a graph refers to, and how to read them. */
export interface ExternalFile {
  readonly path: string;
  readonly totalBytes: number;
  /** Fills `target` from `offset`. */
  readonly read: (offset: number, target: Uint8Array) => void;
}

/**
 * Opens a session on ORT's CPU-only WASM build. One attempt per thread: after a failure the module is poisoned
 * (every later `create` fails with the first error), so the caller replaces its worker.
 *
 * @throws AppError `out-of-memory` when the heap cannot grow, else `runtime-failed`
 */
export async function openSession(
  graph: Uint8Array,
  external: readonly ExternalFile[],
  threads: number,
  runtime: RuntimeFiles,
): Promise<InferenceSession> {
  env.wasm.numThreads = threads;
  env.wasm.proxy = false;
  if (runtime.folderUrl !== null) env.wasm.wasmPaths = runtime.folderUrl;
  try {
    return await InferenceSession.create(graph, {
      executionProviders: ['wasm'],
      // Each weight gets its own allocation, so that ORT can free it once it has packed it; with a pattern or an
      // arena all of them stay until the end, twice.
      enableMemPattern: false,
      enableCpuMemArena: false,
      externalData: external.map(({ path, totalBytes, read }) => ({
        path,
        data: new LazyBytes(totalBytes, read),
      })),
    });
  } catch (error) {
    throw toAppError(error);
  }
}

/** ORT throws strings of C++ origin, bare numbers and RangeErrors; only memory is told apart. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const isMemory =
    /bad_alloc|out of memory|failed to allocate|Array buffer allocation|enlarge memory/i;
  if (isMemory.test(text) || error instanceof RangeError) {
    return new AppError('out-of-memory', text.slice(0, 300), { cause: error });
  }
  return new AppError('runtime-failed', text.slice(0, 300), { cause: error });
}
