import type { ByteSink } from '../lib/bytes.ts';

/** ORT reads tensors in place where it can; 64 bytes is a cache line and more than any SIMD load wants. */
const ALIGNMENT_BYTES = 64;

/** `weights.bin` as it grows: hands out the aligned offset of what is appended. Holds no bytes itself. */
export class WeightFile {
  readonly name: string;
  readonly #sink: ByteSink;
  #bytes = 0;

  constructor(name: string, sink: ByteSink) {
    this.name = name;
    this.#sink = sink;
  }

  get totalBytes(): number {
    return this.#bytes;
  }

  /** Pads to the alignment; returns the offset at which the next `append` begins. */
  async align(): Promise<number> {
    const padding = (ALIGNMENT_BYTES - (this.#bytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    if (padding > 0) await this.append(new Uint8Array(padding));
    return this.#bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#bytes += bytes.byteLength;
  }
}
