/**
 * A `Uint8Array` whose bytes are read when ORT asks for them, so that weights never lie in JS memory as a whole:
 * 494 MB less at the peak of a load. ORT (onnxruntime-web 1.31.0-dev.20260914, loadExternalData in the WASM glue)
 * touches external data only as `data.byteLength` and `data.subarray(from, to)`, and copies the result at once.
 * Can go when that build mounts a `Blob` or a handle by itself, as the JSPI build does.
 */
export class LazyBytes extends Uint8Array<ArrayBuffer> {
  // `subarray` of a plain Uint8Array constructs through this; ours never reaches the real one.
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  readonly #totalBytes: number;
  readonly #read: (offset: number, target: Uint8Array) => void;
  #scratch = new Uint8Array(0);

  /** @param read fills `target` from `offset`, synchronously */
  constructor(totalBytes: number, read: (offset: number, target: Uint8Array) => void) {
    super(new ArrayBuffer(0));
    this.#totalBytes = totalBytes;
    this.#read = read;
  }

  override get byteLength(): number {
    return this.#totalBytes;
  }

  /** Valid until the next call. */
  override subarray(from = 0, to = this.#totalBytes): Uint8Array<ArrayBuffer> {
    const bytes = to - from;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    const target = new Uint8Array(this.#scratch.buffer, 0, bytes);
    this.#read(from, target);
    return target;
  }
}
