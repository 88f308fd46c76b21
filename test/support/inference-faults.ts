/**
 * Ways in which GPUs and workers fail, put before the inference worker's own script on its way from the site: the
 * page and its engine stay as they are built. Each function runs in the worker and knows nothing of this file.
 */
import type { BrowserContext } from 'playwright-core';

type RequestDevice = (this: GPUAdapter, wanted?: GPUDeviceDescriptor) => Promise<GPUDevice>;

/** A script for the worker. */
export type Fault = string;

/** Every inference worker of `context` begins with these from now on; takes the place of earlier ones. */
export async function injectFaults(
  context: BrowserContext,
  faults: readonly Fault[],
): Promise<void> {
  const script = /\/workers\/inference\/[^/]+\.js$/;
  await context.unroute(script);
  await context.route(script, async (route) => {
    const response = await route.fetch({ maxRetries: 3 }); // a server may close a connection that rested
    await route.fulfill({ response, body: `${faults.join('\n')}\n${await response.text()}` });
  });
}

/** The software adapter takes itself for a GPU, so that the page tries it. */
export const passesAsGpu: Fault = run(() => {
  const says = (name: string, value: unknown) =>
    Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
  says('isFallbackAdapter', false);
  says('vendor', 'test');
  says('architecture', 'gen-1');
  says('device', '');
  says('description', '');
});

export const noWebGpu: Fault = run(() => {
  Object.defineProperty(navigator, 'gpu', { get: () => undefined });
});

export const noAdapter: Fault = run(() => {
  GPU.prototype.requestAdapter = () => Promise.resolve(null);
});

/** The threads of the kernels end, without a word, after the twentieth step of an answer. */
export const threadsDieInMidAnswer: Fault = run(() => {
  const threads: Worker[] = [];
  const Original = self.Worker;
  self.Worker = class extends Original {
    constructor(...of: ConstructorParameters<typeof Worker>) {
      super(...of);
      threads.push(this);
    }
  };
  const postMessage: (this: MessagePort, message: unknown) => void = Reflect.get(
    MessagePort.prototype,
    'postMessage',
  );
  let steps = 0;
  MessagePort.prototype.postMessage = function (this: MessagePort, message: { type?: string }) {
    if (message?.type === 'step' && ++steps === 20) {
      for (const thread of threads) thread.terminate();
    }
    postMessage.call(this, message);
  };
});

/** The first build of the kernels that is offered, the relaxed one, counts as invalid. */
export const noRelaxedSimd: Fault = run(() => {
  const isValid = WebAssembly.validate;
  let asked = 0;
  WebAssembly.validate = (bytes) => asked++ > 0 && isValid(bytes);
});

/** No memory that threads can share is to be had, but for what sizes are measured in. */
export const noSharedMemory: Fault = run(() => {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (descriptor: WebAssembly.MemoryDescriptor) {
    if (descriptor.shared === true && descriptor.initial > 16) throw new RangeError('by a test');
    return new Memory(descriptor);
  } as unknown as typeof Memory;
});

/** The adapter promises 16-bit floats, and its device has none: what is compiled for them fails. */
export const liesAboutF16: Fault = run(() => {
  const features = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'features');
  const featuresOf = (adapter: GPUAdapter) => features?.get?.call(adapter) as GPUSupportedFeatures;
  Object.defineProperty(GPUAdapter.prototype, 'features', {
    get(this: GPUAdapter) {
      return new Set([...featuresOf(this), 'shader-f16']);
    },
  });
  const requestDevice: RequestDevice = Reflect.get(GPUAdapter.prototype, 'requestDevice');
  GPUAdapter.prototype.requestDevice = function (this: GPUAdapter, wanted = {}) {
    const requiredFeatures = [...(wanted.requiredFeatures ?? [])].filter((name) =>
      featuresOf(this).has(name),
    );
    return requestDevice.call(this, { ...wanted, requiredFeatures });
  };
});

/** No device is made. */
export const noDevice: Fault = run(() => {
  GPUAdapter.prototype.requestDevice = () =>
    Promise.reject(new DOMException('refused by a test', 'OperationError'));
});

/** The device is never made, nor is it refused: a load that hangs there. */
export const deviceNeverComes: Fault = run(() => {
  GPUAdapter.prototype.requestDevice = () => new Promise(() => {});
});

/** Weights are neither read nor refused: a load that hangs there. */
export const weightsNeverCome: Fault = run(() => {
  Object.assign(FileSystemFileHandle.prototype, {
    createSyncAccessHandle: () => new Promise(() => {}),
  });
});

/** Every device is kept where a test can destroy it: `(self as { devices? }).devices`. */
export const keepsDevices: Fault = run(() => {
  const devices: GPUDevice[] = [];
  Object.assign(self, { devices });
  const requestDevice: RequestDevice = Reflect.get(GPUAdapter.prototype, 'requestDevice');
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, wanted) {
    const device = await requestDevice.call(this, wanted);
    devices.push(device);
    return device;
  };
});

function run(fault: () => void): Fault {
  return `(${fault.toString()})();`;
}
