import { Tensor, type InferenceSession } from '#ort-webgpu';
import { AppError } from '../../contract/errors.ts';
import type { WebGpuManifest, WebGpuTarget } from '../../contract/model.ts';
import type { RunTimes } from '../../contract/stats.ts';
import { toHalf } from '../../lib/half.ts';
import { checkRun } from '../check-run.ts';
import type { KvSnapshot, LanguageModel } from '../language-model.ts';
import type { Leaders } from '../next-token.ts';
import { rotation } from '../rotation.ts';
import type { GpuDevice } from './gpu-device.ts';
import { BUFFER, MAP_FOR_READING } from './gpu-flags.ts';
import { GpuKvCache, type GpuFloat } from './gpu-kv-cache.ts';
import { elapsedMs, GpuTimer, TIMESTAMPS_BYTES } from './gpu-timer.ts';
import { toAppError } from './session.ts';
import { GRAPH } from './webgpu-session.ts';

/**
 * `LanguageModel` on a session that src/compile/webgpu-decoder.ts describes. Every buffer that a run reads or writes
 * is made once, here; a run sends the tokens' ids and brings back its leaders, some hundred bytes each way.
 */
export class WebGpuLanguageModel implements LanguageModel {
  readonly vocabulary: number;
  readonly contextTokens: number;
  /**
   * Whether runs of one token play the commands that the first such run recorded, which spares ORT finding out anew what
   * to do: it is the same at every step, and all that differs lies in the buffers.
   */
  replaysDecode = true;
  readonly #device: GpuDevice;
  readonly #leaders: number;
  readonly #cache: GpuKvCache;
  readonly #ids: GPUBuffer;
  /** Two inputs of one number: see `#run`. */
  readonly #lastPosition: GPUBuffer;
  readonly #total: GPUBuffer;
  readonly #next: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #timer: GpuTimer | null;
  /** Byte of `#staging` where the timestamps begin, which have to lie on a multiple of 8. */
  readonly #timesOffset: number;
  /** What every run is given alike. */
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #fetches: Readonly<Record<string, Tensor>>;
  /** Bytes of every buffer but the cache. */
  readonly otherBytes: number;
  #session: InferenceSession | null;
  #latestTimes: RunTimes | null = null;

  /** Takes the session and the device over: `dispose` ends both. */
  constructor(
    session: InferenceSession,
    device: GpuDevice,
    manifest: WebGpuManifest,
    contextTokens: number,
  ) {
    const { shape, leaders, target } = manifest;
    const type = floatOf(target);
    this.#session = session;
    this.#device = device;
    this.#leaders = leaders;
    this.vocabulary = shape.vocabulary;
    this.contextTokens = contextTokens;

    const gpu = device.device;
    this.#cache = new GpuKvCache(gpu, shape, type, contextTokens);
    this.#timer = GpuTimer.create(gpu);
    this.#ids = createBuffer(gpu, 'input_ids', 4 * contextTokens);
    this.#lastPosition = createBuffer(gpu, 'seqlens_k', 4);
    this.#total = createBuffer(gpu, 'total_sequence_length', 4);
    const nextBytes = 4 * (2 * leaders + 1);
    this.#next = createBuffer(gpu, 'next', nextBytes);
    this.#timesOffset = Math.ceil(nextBytes / 8) * 8;
    this.#staging = gpu.createBuffer({
      label: 'read back',
      size: this.#timesOffset + TIMESTAMPS_BYTES,
      usage: BUFFER.mapRead | BUFFER.copyTo,
    });

    const { cos, sin } = rotation(0, contextTokens, shape.headSize, shape.ropeBase);
    const tables: GPUBuffer[] = [];
    const table = (name: string, values: Float32Array) => {
      const data = type === 'float16' ? toHalf(values) : values;
      const buffer = createBuffer(gpu, name, data.byteLength);
      gpu.queue.writeBuffer(buffer, 0, data);
      tables.push(buffer);
      const dims = [contextTokens, shape.headSize / 2];
      return Tensor.fromGpuBuffer(buffer, { dataType: type, dims });
    };
    this.#feeds = {
      ...this.#cache.past,
      seqlens_k: Tensor.fromGpuBuffer(this.#lastPosition, { dataType: 'int32', dims: [1] }),
      total_sequence_length: Tensor.fromGpuBuffer(this.#total, { dataType: 'int32', dims: [1] }),
      cos_cache: table('cos_cache', cos),
      sin_cache: table('sin_cache', sin),
    };
    const next = { dataType: 'float32', dims: [1, 1, 2 * leaders + 1] } as const;
    this.#fetches = { ...this.#cache.present, next: Tensor.fromGpuBuffer(this.#next, next) };
    const others = [
      this.#ids,
      this.#lastPosition,
      this.#total,
      this.#next,
      this.#staging,
      ...tables,
    ];
    this.otherBytes = others.reduce((sum, { size }) => sum + size, 0);
  }

  get length(): number {
    return this.#cache.length;
  }

  get latestTimes(): RunTimes | null {
    return this.#latestTimes;
  }

  get cacheBytes(): number {
    return this.#cache.totalBytes;
  }

  /** Buffers that hold the cache. */
  get cacheBuffers(): number {
    return this.#cache.buffers;
  }

  async prefill(tokens: readonly number[]): Promise<Leaders> {
    const session = this.#sound();
    checkRun(tokens, this);
    const next = await this.#device.whileSound(this.#run(session, tokens)).catch((error) => {
      throw toAppError(error);
    });
    this.#cache.advance(tokens.length);
    return next;
  }

  decode(token: number): Promise<Leaders> {
    return this.prefill([token]);
  }

  truncate(length: number): void {
    this.#cache.truncate(length);
  }

  async snapshot(): Promise<KvSnapshot> {
    this.#sound();
    return this.#device.whileSound(this.#cache.snapshot());
  }

  async restore(snapshot: KvSnapshot): Promise<void> {
    this.#sound();
    this.#cache.restore(snapshot);
  }

  /** The device goes with its buffers. A session on a failed device is left alone: asking it anything may hang. */
  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    if (this.#device.isSound) await session.release();
    this.#device.destroy();
  }

  #sound(): InferenceSession {
    this.#device.assertSound();
    if (this.#session === null) throw new AppError('not-loaded', 'the model was disposed');
    return this.#session;
  }

  async #run(session: InferenceSession, tokens: readonly number[]): Promise<Leaders> {
    const { queue } = this.#device.device;
    const count = tokens.length;
    const total = this.length + count;
    const beganAtMs = performance.now();
    this.#timer?.begin();
    queue.writeBuffer(this.#ids, 0, Int32Array.from(tokens));
    queue.writeBuffer(this.#lastPosition, 0, Int32Array.of(total - 1));
    queue.writeBuffer(this.#total, 0, Int32Array.of(total));
    const ids = Tensor.fromGpuBuffer(this.#ids, { dataType: 'int32', dims: [1, count] });
    const graph = count === 1 && this.replaysDecode ? GRAPH.decode : GRAPH.none;
    await session.run({ ...this.#feeds, input_ids: ids }, this.#fetches, graph);
    return this.#readBack(beganAtMs);
  }

  /** One copy, one mapping: each would be a way to the GPU and back. */
  async #readBack(beganAtMs: number): Promise<Leaders> {
    const { device } = this.#device;
    const encoder = device.createCommandEncoder();
    this.#timer?.end(encoder, this.#staging, this.#timesOffset);
    encoder.copyBufferToBuffer(this.#next, 0, this.#staging, 0, 4 * (2 * this.#leaders + 1));
    device.queue.submit([encoder.finish()]);
    const recordedAtMs = performance.now();
    await this.#staging.mapAsync(MAP_FOR_READING);
    const mapped = this.#staging.getMappedRange();
    const next = parseNext(mapped, this.#leaders);
    const gpuMs = this.#timer === null ? null : elapsedMs(mapped, this.#timesOffset);
    this.#staging.unmap();
    const recordMs = recordedAtMs - beganAtMs;
    this.#latestTimes = { recordMs, gpuMs, waitMs: performance.now() - recordedAtMs };
    return next;
  }
}

/** Of activations and cache. */
export function floatOf(target: WebGpuTarget): GpuFloat {
  return target === 'webgpu-f16' ? 'float16' : 'float32';
}

/** `next` of the graph: logits of the leaders, descending; their ids, as floats; the log of the normaliser. Copied. */
function parseNext(mapped: ArrayBuffer, leaders: number): Leaders {
  const values = new Float32Array(mapped, 0, 2 * leaders + 1);
  return {
    of: 'leaders',
    logits: values.slice(0, leaders),
    ids: Int32Array.from(values.subarray(leaders, 2 * leaders)),
    logNormaliser: values[2 * leaders] ?? Number.NaN,
  };
}

function createBuffer(device: GPUDevice, label: string, bytes: number): GPUBuffer {
  return device.createBuffer({
    label,
    size: Math.ceil(bytes / 16) * 16, // as ORT rounds its own
    usage: BUFFER.storage | BUFFER.copyFrom | BUFFER.copyTo,
  });
}
