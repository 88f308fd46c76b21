import { readFile } from 'node:fs/promises';
import { compileModel } from '../../src/compile/compile.ts';
import { AppError } from '../../src/contract/errors.ts';
import type { WebGpuOptions } from '../../src/compile/webgpu-dialect.ts';
import {
  toModelId,
  type CompiledManifest,
  type SimdManifest,
  type Target,
  type WasmManifest,
  type WebGpuManifest,
  type WebGpuTarget,
} from '../../src/contract/model.ts';
import type { ModelFolder } from '../../src/engine/model-folder.ts';
import type { ByteSource } from '../../src/lib/bytes.ts';
import { goldenPath } from './golden.ts';

export type TinyName = 'tiny-qwen2' | 'tiny-qwen2-untied' | 'tiny-qwen2-q4_0';

export interface TinyGolden {
  readonly vocabulary: number;
  readonly prompt: { readonly text: string; readonly ids: readonly number[] };
  readonly greedy: { readonly ids: readonly number[]; readonly smallestMargin: number };
}

export async function tinyGolden(name: TinyName): Promise<TinyGolden> {
  return JSON.parse(await readFile(goldenPath(`${name}.json`), 'utf8')) as TinyGolden;
}

/** Logits of PyTorch's Qwen2ForCausalLM at every prompt position: `[tokens][vocabulary]`. */
export async function tinyLogits(name: TinyName): Promise<Float32Array> {
  const bytes = await readFile(goldenPath(`${name}.logits.f32`));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).slice();
}

export async function tinyBytes(name: TinyName = 'tiny-qwen2'): Promise<Uint8Array> {
  return new Uint8Array(await readFile(goldenPath(`${name}.gguf`)));
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    totalBytes: bytes.byteLength,
    async read(offset, length) {
      if (offset + length > bytes.byteLength) throw new RangeError('past the end');
      return bytes.slice(offset, offset + length);
    },
  };
}

export interface CompiledInMemory<Manifest extends CompiledManifest> {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly folder: ModelFolder;
}

/** Compiles a GGUF's bytes into memory; for tests only, the real ones are too big. */
export async function compileInMemory(gguf: Uint8Array): Promise<CompiledInMemory<WasmManifest>> {
  const { manifest, files } = await compileTo('wasm-int8', gguf);
  if (manifest.target !== 'wasm-int8') throw new Error(`asked for WASM, got ${manifest.target}`);
  return { manifest, files, folder: memoryFolder(files) };
}

export async function compileForSimdInMemory(
  gguf: Uint8Array,
): Promise<CompiledInMemory<SimdManifest>> {
  const { manifest, files } = await compileTo('simd-int8', gguf);
  if (manifest.target !== 'simd-int8') throw new Error(`asked for SIMD, got ${manifest.target}`);
  return { manifest, files, folder: memoryFolder(files) };
}

export async function compileForWebGpuInMemory(
  gguf: Uint8Array,
  target: WebGpuTarget,
  options: WebGpuOptions = {},
): Promise<CompiledInMemory<WebGpuManifest>> {
  const { manifest, files } = await compileTo(target, gguf, options);
  if (manifest.target === 'wasm-int8' || manifest.target === 'simd-int8') {
    throw new Error(`asked for WebGPU, got ${manifest.target}`);
  }
  return { manifest, files, folder: memoryFolder(files) };
}

async function compileTo(target: Target, gguf: Uint8Array, options: WebGpuOptions = {}) {
  const files = new Map<string, Uint8Array>();
  const output = {
    async create(name: string) {
      const chunks: Uint8Array[] = [];
      return {
        async write(bytes: Uint8Array) {
          chunks.push(bytes.slice());
        },
        async close() {
          files.set(name, Buffer.concat(chunks));
        },
      };
    },
  };
  const origin = {
    id: toModelId('0'.repeat(64)),
    fileName: 'tiny.gguf',
    totalBytes: gguf.byteLength,
  };
  const hooks = { onProgress: () => {}, isCancelled: () => false };
  const manifest = await compileModel(sourceOf(gguf), origin, target, output, hooks, options);
  if (manifest === 'cancelled') throw new Error('nobody cancels here');
  files.set('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)));
  return { manifest, files };
}

export function memoryFolder(files: ReadonlyMap<string, Uint8Array>): ModelFolder {
  const get = (name: string) => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new AppError('compiled-damaged', `no ${name}`);
    return bytes;
  };
  return {
    read: async (name) => get(name),
    async openSync(name) {
      const bytes = get(name);
      return {
        totalBytes: bytes.byteLength,
        readInto(offset, target) {
          if (offset + target.byteLength > bytes.byteLength) throw new RangeError('past the end');
          target.set(bytes.subarray(offset, offset + target.byteLength));
        },
        close() {},
      };
    },
  };
}
