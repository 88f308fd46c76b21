/**
 * GGUF → the files of a compiled model: bytes in, bytes out. Knows no file system and no runtime.
 * The same source and compiler version give the same bytes.
 */
import type { CompiledManifest, ModelId, Target } from '../contract/model.ts';
import { describeQwen2 } from '../gguf/qwen2.ts';
import { readGguf } from '../gguf/read-gguf.ts';
import { tokenizerJson } from '../gguf/tokenizer-json.ts';
import type { ByteSink, ByteSource } from '../lib/bytes.ts';
import { yieldToEvents } from '../lib/yield-to-events.ts';
import { encodeModel } from './onnx.ts';
import { COMPILER_VERSION } from './targets.ts';
import { describeForSimd } from './simd-source.ts';
import { headTensors } from './tied.ts';
import { compileForWasm } from './wasm-dialect.ts';
import { compileForWebGpu, type WebGpuOptions } from './webgpu-dialect.ts';
import { WeightFile } from './weight-file.ts';
import { WeightReader } from './weight-reader.ts';

export interface CompileOutput {
  create(name: string): Promise<ByteSink & { close(): Promise<void> }>;
}

export interface CompileHooks {
  /** Bytes of the source done; the last call has `doneBytes === totalBytes`. */
  onProgress(doneBytes: number, totalBytes: number): void;
  /** Asked every few megabytes, after queued events were let in. */
  isCancelled(): boolean;
}

const PRODUCER = `offgrid ${COMPILER_VERSION}`;

class Cancelled extends Error {}

/**
 * Writes every file of the compiled model but `manifest.json`, which is returned for the caller to write last. Its self-test is
 * missing where it has one: who wants one runs the weights.
 * On 'cancelled' and on any throw, what was written so far is the caller's to remove.
 *
 * @param options for WebGPU targets
 * @throws AppError as `readGguf`, `describeQwen2` and `tokenizerJson` do, and `webgpu-unavailable` for a model that does
 *   not suit such a target
 */
export async function compileModel(
  source: ByteSource,
  origin: { readonly id: ModelId; readonly fileName: string; readonly totalBytes: number },
  target: Target,
  output: CompileOutput,
  hooks: CompileHooks,
  options: WebGpuOptions = {},
): Promise<CompiledManifest | 'cancelled'> {
  const gguf = await readGguf(source);
  const { shape, title } = describeQwen2(gguf);
  const tokenizer = tokenizerJson(gguf);
  const files: { name: string; totalBytes: number }[] = [];
  const put = async (name: string, bytes: Uint8Array) => {
    const sink = await output.create(name);
    await sink.write(bytes);
    await sink.close();
    files.push({ name, totalBytes: bytes.byteLength });
  };

  let doneBytes = 0;
  const onBytes = async (bytes: number) => {
    doneBytes += bytes;
    hooks.onProgress(Math.min(doneBytes, source.totalBytes - 1), source.totalBytes);
    await yieldToEvents();
    if (hooks.isCancelled()) throw new Cancelled();
  };
  const reader = new WeightReader(source, gguf, onBytes);
  const tensors = await headTensors(reader, shape);
  /** Weights and graph for ORT. */
  const compileForOrt = async (target: Exclude<Target, 'simd-int8'>) => {
    const sink = await output.create('weights.bin');
    try {
      const weights = new WeightFile('weights.bin', sink);
      const { graph, ...own } =
        target === 'wasm-int8'
          ? await compileForWasm(shape, tensors, reader, weights)
          : await compileForWebGpu(shape, target, tensors, reader, weights, options);
      await sink.close();
      files.push({ name: 'weights.bin', totalBytes: weights.totalBytes });
      await put('model.onnx', encodeModel(graph, PRODUCER));
      return own;
    } catch (error) {
      await sink.close().catch(() => {}); // it may be closed already; the caller removes the file either way
      throw error;
    }
  };
  try {
    const own =
      target === 'simd-int8'
        ? await describeForSimd(source, gguf, tensors, onBytes)
        : await compileForOrt(target);
    await put('tokenizer.json', utf8(tokenizer.tokenizerJson));
    await put('tokenizer_config.json', utf8(tokenizer.tokenizerConfig));
    hooks.onProgress(source.totalBytes, source.totalBytes);
    return {
      format: 1,
      compilerVersion: COMPILER_VERSION,
      source: origin,
      title,
      shape,
      stopTokens: tokenizer.stopTokens,
      files,
      ...own,
    };
  } catch (error) {
    if (error instanceof Cancelled) return 'cancelled';
    throw error;
  }
}

function utf8(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
