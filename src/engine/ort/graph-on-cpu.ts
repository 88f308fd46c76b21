/**
 * A WebGPU target's graph on ORT's CPU provider: the right answer, slowly. For measuring what compiling costs, and for
 * the values that a GPU's self-test is held against. Every run dequantises whole matrices, so few runs of many tokens
 * are the way to use it.
 */
import { Tensor, type InferenceSession } from '#ort';
import { AppError } from '../../contract/errors.ts';
import type { WebGpuManifest } from '../../contract/model.ts';
import type { SyncByteSource } from '../../lib/bytes.ts';
import { toHalf } from '../../lib/half.ts';
import { rotation } from '../rotation.ts';
import { openSession, toAppError, type RuntimeFiles } from './session.ts';

export interface GraphFiles {
  readonly manifest: WebGpuManifest;
  readonly graph: Uint8Array;
  /** Read while the session opens, then no more. */
  readonly weights: SyncByteSource;
}

export class GraphOnCpu {
  readonly manifest: WebGpuManifest;
  readonly #session: InferenceSession;
  /** `cos_cache`, `sin_cache`. */
  readonly #rotation: Readonly<Record<string, Tensor>>;
  /** `past_key_values.*` as the next run wants them. */
  #past: Record<string, Tensor>;
  #length = 0;

  private constructor(manifest: WebGpuManifest, session: InferenceSession, contextTokens: number) {
    const { layers, keyValueHeads, headSize, ropeBase } = manifest.shape;
    this.manifest = manifest;
    this.#session = session;
    const { cos, sin } = rotation(0, contextTokens, headSize, ropeBase);
    const pairs = [contextTokens, headSize / 2];
    this.#rotation = { cos_cache: this.#tensor(cos, pairs), sin_cache: this.#tensor(sin, pairs) };
    const dims = [1, keyValueHeads, contextTokens, headSize];
    const values = keyValueHeads * contextTokens * headSize;
    this.#past = {};
    for (let l = 0; l < layers; l++) {
      for (const tensor of ['key', 'value']) {
        const name = `past_key_values.${l}.${tensor}`;
        this.#past[name] = this.#tensor(new Float32Array(values), dims);
      }
    }
  }

  /** @throws AppError as `openSession` does */
  static async open(
    { manifest, graph, weights }: GraphFiles,
    options: {
      readonly contextTokens: number;
      readonly threads: number;
      readonly runtime: RuntimeFiles;
    },
  ): Promise<GraphOnCpu> {
    const { totalBytes } = weights;
    const read = (offset: number, target: Uint8Array) => weights.readInto(offset, target);
    const external = [{ path: 'weights.bin', totalBytes, read }];
    const session = await openSession(graph, external, options.threads, options.runtime);
    return new GraphOnCpu(manifest, session, options.contextTokens);
  }

  /**
   * Runs tokens after those before.
   * @param output `next` or `logits`, whichever the graph has
   */
  async run(tokens: readonly number[], output: 'next' | 'logits'): Promise<Float32Array> {
    const length = this.#length + tokens.length;
    const feeds = {
      input_ids: new Tensor('int32', Int32Array.from(tokens), [1, tokens.length]),
      seqlens_k: new Tensor('int32', Int32Array.of(length - 1), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(length), [1]),
      ...this.#rotation,
      ...this.#past,
    };
    const results = await this.#session.run(feeds).catch((error: unknown) => {
      throw toAppError(error);
    });
    this.#past = Object.fromEntries(
      Object.entries(results)
        .filter(([name]) => name.startsWith('present.'))
        .map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
    );
    this.#length = length;
    const data = results[output]?.data;
    if (!(data instanceof Float32Array)) throw new AppError('runtime-failed', `no ${output}`);
    return data;
  }

  /** Forgets all tokens. */
  reset(): void {
    this.#length = 0;
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #tensor(values: Float32Array, dims: readonly number[]): Tensor {
    return this.manifest.target === 'webgpu-f16'
      ? new Tensor('float16', toHalf(values), dims)
      : new Tensor('float32', values, dims);
  }
}
