/**
 * Who computes SHA-256 while a file comes: this thread, or others beside it (hash-threads.ts). Bytes that are given to
 * be hashed are given away, and come back with the answer: no copy is made on the way.
 */
import { createSHA256 } from 'hash-wasm';
import { sha256Of } from './digest.ts';

export interface Hashing {
  /** Answers in the order of the calls. @throws AppError `download-failed` when whoever hashes died */
  sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<Hashed>;
  /** Of a whole file. One at a time. */
  begin(): RunningHash;
  /** Nobody asks any more. */
  end(): void;
}

export interface Hashed {
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Each call is met after the ones before it. */
export interface RunningHash {
  /** The next bytes of the file; resolves to them once they may be overwritten. */
  add(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  restart(): Promise<void>;
  /** Of all that was added: 64 lower-case hex digits. */
  digest(): Promise<string>;
}

/** On this thread, as far as the browser does not take it elsewhere. */
export const hashHere: Hashing = {
  sha256Of: async (bytes) => ({ sha256: await sha256Of(bytes), bytes }),
  begin() {
    const hash = createSHA256();
    return {
      async add(bytes) {
        (await hash).update(bytes);
        return bytes;
      },
      async restart() {
        (await hash).init();
      },
      digest: async () => (await hash).digest('hex'),
    };
  },
  end() {},
};
