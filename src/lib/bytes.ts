/**
 * Bytes that may be too many for memory: a model file on disk, a file the person picked. The layers
 * below the engine see files only through these three.
 */

/** Random access, asynchronous. */
export interface ByteSource {
  readonly totalBytes: number;
  /** A fresh copy of `length` bytes from `offset`; rejects when the range passes the end. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Random access while a WASM call is on the stack, so it cannot wait for a promise. */
export interface SyncByteSource {
  readonly totalBytes: number;
  /** Fills `target` from `offset`; throws when the range passes the end. */
  readInto(offset: number, target: Uint8Array): void;
  close(): void;
}

/** Where bytes go, in order. Must not keep `bytes` after its promise resolves. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}
