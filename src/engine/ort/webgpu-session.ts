import { env, InferenceSession } from '#ort-webgpu';
import type { Adapter } from '../../contract/rungs.ts';
import type { GpuDevice } from './gpu-device.ts';
import { LazyBytes } from './lazy-bytes.ts';
import { toAppError, type ExternalFile } from './session.ts';

/** ORT's own files of one build. */
export interface WebGpuRuntime {
  readonly mjsUrl: string;
  /** An address, which the browser compiles while it arrives, or all of the module. */
  readonly wasm: string | ArrayBuffer;
}

export interface WebGpuSessionOptions {
  /** Sums of products of half floats in 32 bits: exact where a GPU's 16-bit sums overflow. */
  readonly accumulatesInFloat32: boolean;
}

/**
 * Opens a session on ORT's WebGPU provider, all of it: a node that only the CPU can run is an error here, not a
 * silent round trip at every step. Every output is left on the GPU. One attempt per thread, as `openSession`.
 *
 * @param graph of a WebGPU target
 * @param external each file is asked for tensor by tensor, and each tensor goes to the GPU at once
 * @throws AppError the device's failure, `out-of-memory`, or `runtime-failed`
 */
export async function openWebGpuSession(
  graph: Uint8Array,
  external: readonly ExternalFile[],
  device: GpuDevice,
  runtime: WebGpuRuntime,
  { accumulatesInFloat32 }: WebGpuSessionOptions,
): Promise<InferenceSession> {
  env.wasm.numThreads = 1; // nothing is computed on the CPU
  env.wasm.proxy = false;
  if (typeof runtime.wasm === 'string') {
    env.wasm.wasmPaths = { mjs: runtime.mjsUrl, wasm: runtime.wasm };
  } else {
    env.wasm.wasmPaths = { mjs: runtime.mjsUrl };
    env.wasm.wasmBinary = runtime.wasm;
  }
  const options: InferenceSession.SessionOptions = {
    executionProviders: [
      {
        name: 'webgpu',
        device: device.device,
        enableMatmulFp32Accumulation: accumulatesInFloat32,
        validationMode: 'wgpuOnly', // what ORT checks beside the browser, it checks at every dispatch
      },
    ],
    preferredOutputLocation: 'gpu-buffer',
    extra: { session: { disable_cpu_ep_fallback: '1' } },
    logSeverityLevel: 3,
    externalData: external.map(({ path, totalBytes, read }) => ({
      path,
      data: new LazyBytes(totalBytes, read),
    })),
  };
  try {
    return await device.whileSound(InferenceSession.create(graph, letProviderCapture(options)));
  } catch (error) {
    throw toAppError(error);
  }
}

/**
 * Lets ORT's WebGPU provider record the commands of a run and play them again, without what ORT's script makes of the
 * same option: it would bind the inputs of a session once, so that a prompt and a decoded token, which differ in shape,
 * could not share one. The provider's options are read first (onnxruntime-web 1.31.0-dev.20260914, lib/wasm/session-options.ts,
 * then wasm-core-impl.ts). Can go when the script binds by graph id.
 */
function letProviderCapture(
  options: InferenceSession.SessionOptions,
): InferenceSession.SessionOptions {
  let reads = 0;
  const get = () => (reads++ === 0 ? true : undefined);
  return Object.defineProperty(options, 'enableGraphCapture', { get });
}

/** Which recorded commands a run plays, or records where there are none yet. */
export const GRAPH = {
  /** Neither: for prompts, which have any length. */
  none: { extra: { gpu_graph_id: '-1' } },
  decode: { extra: { gpu_graph_id: '1' } },
} as const;

/** One script drives both builds of the runtime: they differ in how WebAssembly waits for the GPU. */
export type OrtBuild = Adapter['ortBuild'];
