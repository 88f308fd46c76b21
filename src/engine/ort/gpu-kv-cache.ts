import { Tensor } from '#ort-webgpu';
import type { DecoderShape } from '../../contract/model.ts';
import type { KvSnapshot } from '../language-model.ts';
import { BUFFER, MAP_FOR_READING } from './gpu-flags.ts';

export type GpuFloat = 'float32' | 'float16';

const BYTES: Readonly<Record<GpuFloat, number>> = { float32: 4, float16: 2 };

/** Bytes of one layer's keys, or values, for a whole context. */
export function kvTensorBytes(
  { keyValueHeads, headSize }: Pick<DecoderShape, 'keyValueHeads' | 'headSize'>,
  type: GpuFloat,
  contextTokens: number,
): number {
  return keyValueHeads * contextTokens * headSize * BYTES[type];
}

/**
 * Keys and values of all layers in GPU memory, each one buffer `[kv heads, context, head]` for the life of the model:
 * a run reads it as past and writes its new rows in place as present. Nothing grows and nothing moves, so going back
 * is a number; rows from `length` on hold anything.
 */
export class GpuKvCache {
  readonly contextTokens: number;
  /** Of all buffers. */
  readonly totalBytes: number;
  /** By the graph's names: `past_key_values.L.key`, …; and the same memory as `present.L.key`, …. */
  readonly past: Readonly<Record<string, Tensor>>;
  readonly present: Readonly<Record<string, Tensor>>;
  readonly #device: GPUDevice;
  readonly #type: GpuFloat;
  readonly #shape: Pick<DecoderShape, 'layers' | 'keyValueHeads' | 'headSize'>;
  /** Key, value of layer 0, key, value of layer 1, … */
  readonly #buffers: readonly GPUBuffer[];
  #length = 0;

  constructor(device: GPUDevice, shape: DecoderShape, type: GpuFloat, contextTokens: number) {
    const { layers, keyValueHeads, headSize } = shape;
    this.#device = device;
    this.#shape = shape;
    this.#type = type;
    this.contextTokens = contextTokens;
    const dims = [1, keyValueHeads, contextTokens, headSize];
    const bytes = kvTensorBytes(shape, type, contextTokens);
    this.totalBytes = 2 * layers * bytes;

    const buffers: GPUBuffer[] = [];
    const past: Record<string, Tensor> = {};
    const present: Record<string, Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        const buffer = device.createBuffer({
          label: `kv.${layer}.${part}`,
          size: Math.ceil(bytes / 16) * 16, // as ORT rounds its own
          usage: BUFFER.storage | BUFFER.copyFrom | BUFFER.copyTo,
        });
        buffers.push(buffer);
        const tensor = Tensor.fromGpuBuffer(buffer, { dataType: type, dims });
        past[`past_key_values.${layer}.${part}`] = tensor;
        present[`present.${layer}.${part}`] = tensor;
      }
    }
    this.#buffers = buffers;
    this.past = past;
    this.present = present;
  }

  get buffers(): number {
    return this.#buffers.length;
  }

  get length(): number {
    return this.#length;
  }

  /** A run has written `tokens` new rows. */
  advance(tokens: number): void {
    this.#length += tokens;
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`cannot truncate ${this.#length} tokens to ${length}`);
    }
    this.#length = length;
  }

  /** Copies the used rows through one staging buffer. */
  async snapshot(): Promise<KvSnapshot> {
    const { layers, keyValueHeads, headSize } = this.#shape;
    const length = this.#length;
    const runBytes = length * headSize * BYTES[this.#type];
    const totalBytes = 2 * layers * keyValueHeads * runBytes;
    const bytes =
      totalBytes === 0 ? new ArrayBuffer(0) : await this.#readBack(totalBytes, runBytes);
    const values = this.#type === 'float32' ? new Float32Array(bytes) : new Uint16Array(bytes);
    return { length, layers, keyValueHeads, headSize, values };
  }

  restore(snapshot: KvSnapshot): void {
    const { layers, keyValueHeads, headSize } = this.#shape;
    const { length, values } = snapshot;
    const run = length * headSize;
    const isFitting =
      snapshot.layers === layers &&
      snapshot.keyValueHeads === keyValueHeads &&
      snapshot.headSize === headSize &&
      values.length === 2 * layers * keyValueHeads * run &&
      values instanceof (this.#type === 'float32' ? Float32Array : Uint16Array);
    if (!isFitting) throw new RangeError('the snapshot is of another model');
    if (length > this.contextTokens) throw new RangeError('the snapshot is too long');
    this.#eachRun((buffer, offset, index) => {
      // A copy: the caller's memory may be shared, which a queue does not take.
      this.#device.queue.writeBuffer(buffer, offset, values.slice(index * run, (index + 1) * run));
    });
    this.#length = length;
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  async #readBack(totalBytes: number, runBytes: number): Promise<ArrayBuffer> {
    const staging = this.#device.createBuffer({
      size: totalBytes,
      usage: BUFFER.mapRead | BUFFER.copyTo,
    });
    try {
      const encoder = this.#device.createCommandEncoder();
      this.#eachRun((buffer, offset, index) => {
        encoder.copyBufferToBuffer(buffer, offset, staging, index * runBytes, runBytes);
      });
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_FOR_READING);
      return staging.getMappedRange().slice(0);
    } finally {
      staging.destroy();
    }
  }

  /** Every head's rows: in which buffer, from which byte, and as which of all in the order of a snapshot. */
  #eachRun(visit: (buffer: GPUBuffer, offset: number, index: number) => void): void {
    const { keyValueHeads, headSize } = this.#shape;
    const headBytes = this.contextTokens * headSize * BYTES[this.#type];
    for (const [tensor, buffer] of this.#buffers.entries()) {
      for (let head = 0; head < keyValueHeads; head++) {
        visit(buffer, head * headBytes, tensor * keyValueHeads + head);
      }
    }
  }
}
