import { MAP_FOR_READING } from '../../../src/engine/ort/gpu-flags.ts';

/** Counts what is asked of WebGPU, by standing in for its methods; to be set up before anybody uses them. */
export interface GpuCounts {
  dispatches: number;
  /** Mapped for reading. */
  readBackBytes: number;
  readBacks: number;
  buffersCreated: number;
  submissions: number;
}

export interface GpuWatch {
  readonly counts: GpuCounts;
  /** The device that was asked for last. */
  device: GPUDevice | null;
}

export function watchGpu(): GpuWatch {
  const counts: GpuCounts = {
    dispatches: 0,
    readBackBytes: 0,
    readBacks: 0,
    buffersCreated: 0,
    submissions: 0,
  };
  const watch: GpuWatch = { counts, device: null };
  for (const dispatch of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    watchCalls(GPUComputePassEncoder.prototype, dispatch, () => counts.dispatches++);
  }
  watchCalls(GPUDevice.prototype, 'createBuffer', () => counts.buffersCreated++);
  watchCalls(GPUQueue.prototype, 'submit', () => counts.submissions++);
  watchCalls(GPUBuffer.prototype, 'mapAsync', (buffer, [mode, offset = 0, size]) => {
    if (mode !== MAP_FOR_READING) return;
    counts.readBacks++;
    counts.readBackBytes += Number(size ?? (buffer as GPUBuffer).size - Number(offset));
  });
  watchCalls(GPUAdapter.prototype, 'requestDevice', (_adapter, _arguments, result) => {
    void (result as Promise<GPUDevice>).then((device) => (watch.device = device));
  });
  return watch;
}

function watchCalls(
  prototype: object,
  name: string,
  heard: (target: unknown, args: readonly unknown[], result: unknown) => void,
): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') throw new Error(`there is no ${name}`);
  Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
    const result: unknown = Reflect.apply(method, this, args);
    heard(this, args, result);
    return result;
  });
}
