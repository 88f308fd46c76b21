import { beforeEach, describe, expect, test, vi } from 'vitest';
import { GpuDevice } from '../../src/engine/ort/gpu-device.ts';
import { present } from '../../src/lib/assert.ts';
import { FakeGpu, type FakeAdapterOptions } from '../support/fake-gpu.ts';

class OutOfMemory {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

beforeEach(() => {
  vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory);
  return () => vi.unstubAllGlobals();
});

async function open(options: FakeAdapterOptions = {}) {
  const fake = new FakeGpu(options);
  const device = await GpuDevice.open(fake.gpu);
  return { device, fake: present(fake.devices[0], 'a device'), asked: present(fake.asked[0], '') };
}

/** Never settles, as a run on a dead device. */
const hanging = () => new Promise<never>(() => {});

describe('asking for a device', () => {
  test('it has every limit of the adapter, and the features that ORT uses', async () => {
    const { asked } = await open({
      features: ['shader-f16', 'subgroups', 'timestamp-query', 'depth-clip-control'],
      limits: { maxBufferSize: 2 ** 31, maxStorageBuffersPerShaderStage: 10 },
    });

    expect(asked.requiredFeatures).toEqual(['shader-f16', 'subgroups', 'timestamp-query']);
    expect(asked.requiredLimits).toEqual({
      maxBufferSize: 2 ** 31,
      maxStorageBuffersPerShaderStage: 10,
    });
  });

  test('subgroups of fewer lanes than its kernels are written for are not used', async () => {
    const { asked } = await open({ features: ['subgroups'], subgroupMinSize: 4 });

    expect(asked.requiredFeatures).toEqual([]);
  });

  test.each<[string, FakeAdapterOptions | null]>([
    ['no adapter', null],
    ['an adapter that gives no device', { refusal: new Error('blocklisted') }],
  ])('%s is webgpu-unavailable', async (_case, options) => {
    await expect(GpuDevice.open(new FakeGpu(options).gpu)).rejects.toMatchObject({
      code: 'webgpu-unavailable',
    });
  });

  test('so is a browser without WebGPU', async () => {
    await expect(GpuDevice.open(undefined)).rejects.toMatchObject({ code: 'webgpu-unavailable' });
  });
});

describe('a device that is lost', () => {
  test('ends what waits for it, which would wait for ever', async () => {
    const { device, fake } = await open();
    const waiting = device.whileSound(hanging());

    fake.lose('unknown', 'the driver was reset');

    await expect(waiting).rejects.toMatchObject({
      code: 'webgpu-lost',
      message: 'device lost (unknown): the driver was reset',
    });
  });

  test('is told as lost even where what it broke is heard of first', async () => {
    const { device, fake } = await open();
    const run = Promise.reject(new Error('mapAsync failed'));
    fake.fail({ message: 'a buffer was destroyed' });
    setTimeout(() => fake.lose('unknown'), 5);

    await expect(device.whileSound(run)).rejects.toMatchObject({ code: 'webgpu-lost' });
  });

  test('refuses everything afterwards', async () => {
    const { device, fake } = await open();
    fake.lose('destroyed');
    await device.whileSound(hanging()).catch(() => {});

    expect(device.isSound).toBe(false);
    expect(() => device.assertSound()).toThrow(expect.objectContaining({ code: 'webgpu-lost' }));
    await expect(device.whileSound(Promise.resolve(1))).rejects.toMatchObject({
      code: 'webgpu-lost',
    });
  });
});

test.each([
  ['out-of-memory', new OutOfMemory('no room for a buffer')],
  ['runtime-failed', { message: 'a binding is too large' }],
])('a command that fails is told as %s, and nothing after it is believed', async (code, error) => {
  const { device, fake } = await open();

  fake.fail(error);

  await expect(device.whileSound(Promise.resolve('a result'))).rejects.toMatchObject({
    code,
    message: error.message,
  });
});

test('work that fails by itself is told as it failed', async () => {
  const { device } = await open();

  await expect(device.whileSound(Promise.reject(new Error('of its own')))).rejects.toThrow(
    'of its own',
  );
  expect(device.isSound).toBe(true);
});
