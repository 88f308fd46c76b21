/**
 * ORT's own scripts and WASM as files beside the page: `?url` makes the build copy them (vite.config.ts says where)
 * and dev serve them. Threads load the script once more, so it cannot be part of a bundle.
 */
import 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import asyncifyMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?gzip';
import jspiMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import type { OrtBuild, WebGpuRuntime } from '../src/engine/ort/webgpu-session.ts';

const absolute = (url: string) => new URL(url, location.href).href;

/** Where the CPU build lies; ORT appends the names of its files. */
export const ortFolderUrl = new URL('.', absolute(wasmUrl)).href;

/**
 * Files of a build with WebGPU. The asyncify one, for browsers that cannot suspend WebAssembly, is larger than static
 * hosts take, so it lies there compressed and is unpacked here.
 */
export async function webGpuRuntime(build: OrtBuild): Promise<WebGpuRuntime> {
  if (build === 'jspi') return { mjsUrl: absolute(jspiMjsUrl), wasm: absolute(jspiWasmUrl) };
  return { mjsUrl: absolute(asyncifyMjsUrl), wasm: await fetchUnpacked(absolute(asyncifyWasmUrl)) };
}

/** While developing, and from hosts that unpack by themselves, it arrives plain: WASM begins with a zero. */
async function fetchUnpacked(url: string): Promise<ArrayBuffer> {
  const packed = await (await fetch(url)).blob();
  const [first] = new Uint8Array(await packed.slice(0, 1).arrayBuffer());
  if (first === 0) return packed.arrayBuffer();
  const unpacking = packed.stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(unpacking).arrayBuffer();
}
