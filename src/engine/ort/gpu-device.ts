import { AppError } from '../../contract/errors.ts';
import type { Adapter } from '../../contract/rungs.ts';
import { describeAdapter, limitsOf, requestAdapter } from './gpu-adapter.ts';

/**
 * What ORT's kernels use where it is there: half floats, sums across a subgroup; and timestamps, which only the
 * statistics use. (onnxruntime, core/providers/webgpu/webgpu_context.cc, GetAvailableRequiredFeatures.)
 */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/**
 * ORT's attention over 32 rows and more is written for subgroups of 8 lanes at least, and gives wrong numbers with 4
 * (measured 2026-11-22 on SwiftShader, onnxruntime-web 1.31.0-dev.20260914); without the feature it is right.
 * Can go when ORT asks for the size itself.
 */
const LEAST_SUBGROUP_LANES = 8;

/** How long after a failure to wait for the news that the device is lost, which would be its cause. */
const LOSS_GRACE_MS = 100;

/**
 * Our own `GPUDevice`, so that its limits are the adapter's (ORT asks for fewer: the default of 8 storage buffers per
 * stage breaks fused kernels) and its end is noticed. Once something went wrong on it, it is of no more use: a lost
 * device never answers again, and ORT's asyncify build blocks for ever in the second run after a loss (measured
 * 2026-11-22, onnxruntime-web 1.31.0-dev.20260914).
 */
export class GpuDevice {
  readonly device: GPUDevice;
  readonly adapter: Adapter;
  readonly #failed: Promise<never>;
  readonly #lost: Promise<void>;
  #tellFailure: (error: AppError) => void = () => {};
  #failure: AppError | null = null;

  private constructor(device: GPUDevice, adapter: Adapter) {
    this.device = device;
    this.adapter = adapter;
    this.#failed = new Promise((_, reject) => {
      this.#tellFailure = reject;
    });
    this.#failed.catch(() => {}); // told to whoever asks next
    this.#lost = this.#watchLoss();
    // Nobody awaits a command, so this is where a failed one shows. What came after it computed on nothing.
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#failure ??= toAppError(error);
      this.#tellFailure(this.#failure);
    });
  }

  /** @throws AppError `webgpu-unavailable` when there is no adapter, or it gives no device */
  static async open(gpu: GPU | undefined): Promise<GpuDevice> {
    const adapter = gpu === undefined ? null : await requestAdapter(gpu);
    if (adapter === null) throw new AppError('webgpu-unavailable', 'no adapter');
    const described = describeAdapter(adapter);
    try {
      const device = await adapter.requestDevice({
        requiredFeatures: featuresOf(adapter),
        requiredLimits: limitsOf(adapter),
      });
      return new GpuDevice(device, described);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('webgpu-unavailable', `no device: ${reason}`.slice(0, 300), { cause });
    }
  }

  get isSound(): boolean {
    return this.#failure === null;
  }

  /** @throws AppError with which the device failed, if it has: call before any use of it. */
  assertSound(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** `work`, or the device's failure, whichever comes first: what waits for a dead device may wait for ever. */
  async whileSound<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // may reject after the failure was told
    try {
      const result = await Promise.race([work, this.#failed]);
      this.assertSound();
      return result;
    } catch (error) {
      // A loss shows first in what it broke.
      await Promise.race([this.#lost, delay(LOSS_GRACE_MS)]);
      throw this.#failure ?? error;
    }
  }

  async #watchLoss(): Promise<void> {
    const { reason, message } = await this.device.lost;
    this.#failure = new AppError('webgpu-lost', `device lost (${reason}): ${message}`);
    this.#tellFailure(this.#failure);
  }

  /** Frees all buffers on it. */
  destroy(): void {
    this.device.destroy();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function featuresOf({ features, info }: GPUAdapter): GPUFeatureName[] {
  return FEATURES.filter(
    (feature) =>
      features.has(feature) &&
      (feature !== 'subgroups' || info.subgroupMinSize >= LEAST_SUBGROUP_LANES),
  );
}

function toAppError(error: GPUError): AppError {
  const isMemory = error instanceof GPUOutOfMemoryError;
  return new AppError(isMemory ? 'out-of-memory' : 'runtime-failed', error.message.slice(0, 300));
}
