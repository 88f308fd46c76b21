/** The little of WebGPU that the engine's own code asks before a session runs on it. */
export class FakeGpuDevice extends EventTarget {
  readonly features: ReadonlySet<string>;
  readonly lost: Promise<{ reason: string; message: string }>;
  isDestroyed = false;
  #lose: (info: { reason: string; message: string }) => void = () => {};

  constructor(features: Iterable<string>) {
    super();
    this.features = new Set(features);
    this.lost = new Promise((resolve) => (this.#lose = resolve));
  }

  lose(reason: string, message = ''): void {
    this.#lose({ reason, message });
  }

  /** As a browser tells of a command that failed. */
  fail(error: { readonly message: string }): void {
    this.dispatchEvent(Object.assign(new Event('uncapturederror'), { error }));
  }

  destroy(): void {
    this.isDestroyed = true;
    this.lose('destroyed');
  }
}

export interface FakeAdapterOptions {
  readonly features?: readonly string[];
  readonly limits?: Readonly<Record<string, number>>;
  readonly subgroupMinSize?: number;
  /** Rejects instead of giving a device. */
  readonly refusal?: Error;
}

/** A `GPU` with one adapter, and what was asked of it. */
export class FakeGpu {
  readonly devices: FakeGpuDevice[] = [];
  readonly asked: { requiredFeatures: string[]; requiredLimits: Record<string, number> }[] = [];
  readonly #options: FakeAdapterOptions | null;

  /** @param options null for a browser that gives no adapter */
  constructor(options: FakeAdapterOptions | null = {}) {
    this.#options = options;
  }

  /** The same, as the engine takes it. */
  get gpu(): GPU {
    return this as unknown as GPU;
  }

  async requestAdapter(): Promise<object | null> {
    if (this.#options === null) return null;
    const { features = [], limits = {}, subgroupMinSize = 32, refusal } = this.#options;
    return {
      info: {
        vendor: 'fake',
        architecture: '',
        device: '',
        description: '',
        isFallbackAdapter: false,
        subgroupMinSize,
      },
      features: new Set(features),
      limits,
      requestDevice: async (descriptor: (typeof this.asked)[number]) => {
        if (refusal !== undefined) throw refusal;
        this.asked.push(descriptor);
        const device = new FakeGpuDevice(descriptor.requiredFeatures);
        this.devices.push(device);
        return device;
      },
    };
  }
}
