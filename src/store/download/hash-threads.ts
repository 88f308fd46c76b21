/**
 * Hashing on other threads. Reading a fast line keeps one thread busy, and so does hashing what it brings: apart, both
 * cores of a small machine have something to do. A hash over the whole file is a third thread's, since WASM takes three times as long over it
 * as the browser's own SHA-256 over the chunks.
 */
import { AppError } from '../../contract/errors.ts';
import { present } from '../../lib/assert.ts';
import { hashHere, type Hashing, type RunningHash } from './hashing.ts';

/** What one thread is told. It answers every order, in order, with a `HashReply`. */
export type HashOrder =
  | { readonly type: 'sha256-of' | 'add'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'restart' | 'digest' };

export interface HashReply {
  readonly sha256: string;
  /** Those of the order. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread says before anybody asked it. */
export const HASH_THREAD_READY = 'ready';

/** The other side of a thread, or of its port. */
export interface HashPort {
  onmessage: ((event: MessageEvent) => unknown) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface HashThread extends HashPort {
  /** Called when it cannot start, or died. */
  onDeath(listener: (cause: unknown) => void): void;
  terminate(): void;
}

const NOTHING = new Uint8Array(0);

/** @param start begins a thread that runs `serveHashes` */
export function hashOnThreads(start: () => HashThread): Hashing {
  const chunks = new Asked(start);
  const others: Asked[] = [];
  return {
    async sha256Of(bytes) {
      if (!(await chunks.hasStarted)) return hashHere.sha256Of(bytes);
      return chunks.ask({ type: 'sha256-of', bytes });
    },
    begin() {
      const whole = new Asked(start);
      others.push(whole);
      return runningOn(whole);
    },
    end: () => [chunks, ...others].forEach((thread) => thread.end()),
  };
}

function runningOn(thread: Asked): RunningHash {
  const here = thread.hasStarted.then((hasStarted) => (hasStarted ? null : hashHere.begin()));
  return {
    async add(bytes) {
      return (await here)?.add(bytes) ?? (await thread.ask({ type: 'add', bytes })).bytes;
    },
    async restart() {
      await ((await here)?.restart() ?? thread.ask({ type: 'restart' }));
    },
    async digest() {
      return (await here)?.digest() ?? (await thread.ask({ type: 'digest' })).sha256;
    },
  };
}

/** The asking side of one thread. Whoever waits when it dies waits no longer. */
class Asked {
  /** False where this browser has no threads for workers, or its script did not come. */
  readonly hasStarted: Promise<boolean>;
  readonly #waiting: {
    readonly resolve: (reply: HashReply) => void;
    readonly reject: (reason: AppError) => void;
  }[] = [];
  #thread: HashThread | null = null;
  #end: AppError | null = null;

  constructor(start: () => HashThread) {
    this.hasStarted = new Promise((resolve) => {
      try {
        this.#thread = this.#listenTo(start(), resolve);
      } catch {
        resolve(false);
      }
    });
  }

  ask(order: HashOrder): Promise<HashReply> {
    if (this.#end !== null || this.#thread === null) {
      return Promise.reject(this.#end ?? new Error('it has not started'));
    }
    const answer = new Promise<HashReply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    this.#thread.postMessage(order, 'bytes' in order ? [order.bytes.buffer] : []);
    return answer;
  }

  end(): void {
    this.#stop(new AppError('download-failed', 'hashing was ended'));
  }

  #listenTo(thread: HashThread, tellStart: (hasStarted: boolean) => void): HashThread {
    thread.onDeath((cause) => {
      tellStart(false);
      this.#stop(new AppError('download-failed', 'a thread that hashes died', { cause }));
    });
    thread.onmessage = ({ data }: MessageEvent<HashReply | typeof HASH_THREAD_READY>) => {
      if (data === HASH_THREAD_READY) tellStart(true);
      else present(this.#waiting.shift(), 'question').resolve(data);
    };
    return thread;
  }

  #stop(reason: AppError): void {
    this.#end ??= reason;
    this.#thread?.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }
}

/** The thread's side. @param onBug told of what should not happen; nothing is answered from then on */
export function serveHashes(port: HashPort, onBug: (error: unknown) => void): void {
  const whole = hashHere.begin();
  let last = Promise.resolve();
  const answer = async (order: HashOrder): Promise<void> => {
    const reply = await obey(order, whole);
    port.postMessage(reply, reply.bytes === NOTHING ? [] : [reply.bytes.buffer]);
  };
  port.onmessage = ({ data }: MessageEvent<HashOrder>) => {
    last = last.then(() => answer(data));
    last.catch(onBug);
  };
  port.postMessage(HASH_THREAD_READY, []);
}

async function obey(order: HashOrder, whole: RunningHash): Promise<HashReply> {
  if (order.type === 'sha256-of') return hashHere.sha256Of(order.bytes);
  if (order.type === 'add') return { sha256: '', bytes: await whole.add(order.bytes) };
  if (order.type === 'digest') return { sha256: await whole.digest(), bytes: NOTHING };
  await whole.restart();
  return { sha256: '', bytes: NOTHING };
}
