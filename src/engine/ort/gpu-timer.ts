import { BUFFER } from './gpu-flags.ts';

/** Two timestamps of 64 bits. */
export const TIMESTAMPS_BYTES = 16;

/**
 * Time on the GPU's own clock between two points of its queue. Browsers round it (Chromium to 0.1 ms), so that it
 * betrays nothing else.
 */
export class GpuTimer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;

  private constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer({
      size: TIMESTAMPS_BYTES,
      usage: BUFFER.queryResolve | BUFFER.copyFrom,
    });
  }

  /** Null where the device has no timestamps. */
  static create(device: GPUDevice): GpuTimer | null {
    return device.features.has('timestamp-query') ? new GpuTimer(device) : null;
  }

  /** Submitted at once: what is submitted afterwards is timed. */
  begin(): void {
    const encoder = this.#device.createCommandEncoder();
    const timestampWrites = { querySet: this.#queries, beginningOfPassWriteIndex: 0 };
    encoder.beginComputePass({ timestampWrites }).end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Records the end, and a copy of both points into `target`, for `elapsedMs` to read once it is mapped. */
  end(encoder: GPUCommandEncoder, target: GPUBuffer, offset: number): void {
    const timestampWrites = { querySet: this.#queries, endOfPassWriteIndex: 1 };
    encoder.beginComputePass({ timestampWrites }).end();
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, target, offset, TIMESTAMPS_BYTES);
  }

  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}

/** @returns null when the GPU told no time: some drivers write nothing for a pass without work */
export function elapsedMs(mapped: ArrayBuffer, offset: number): number | null {
  const [begin = 0n, end = 0n] = new BigUint64Array(mapped, offset, 2);
  return begin === 0n || end < begin ? null : Number(end - begin) / 1e6;
}
