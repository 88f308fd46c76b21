import type { InferenceSession } from '#ort-webgpu';
import type { LoadEvent, LoadOptions } from '../../contract/engine.ts';
import { AppError } from '../../contract/errors.ts';
import type { WebGpuManifest } from '../../contract/model.ts';
import { TARGET_OF_RUNG, type GpuRung } from '../../contract/rungs.ts';
import type { GpuSummary, SelfTestResult } from '../../contract/stats.ts';
import type { OpenedModel } from '../create-engine.ts';
import { LoadPhases } from '../load-phases.ts';
import type { ModelFolder } from '../model-folder.ts';
import { openText } from '../text/open-text.ts';
import { checkFiles } from './check-files.ts';
import { GpuDevice } from './gpu-device.ts';
import { kvTensorBytes } from './gpu-kv-cache.ts';
import { readManifest } from './read-manifest.ts';
import { testReplaying } from './self-test.ts';
import { watchShaders } from './watch-shaders.ts';
import { floatOf, WebGpuLanguageModel } from './webgpu-language-model.ts';
import { openWebGpuSession, type OrtBuild, type WebGpuRuntime } from './webgpu-session.ts';

/** Prompt tokens per run: enough rows to keep a GPU busy, few enough that a cancel need not wait on a weak one. */
export const WEBGPU_CHUNK_TOKENS = 128;

/** About what the graph needs for prompt and decode together; only the progress bar depends on it. */
const EXPECTED_SHADERS = 30;

export interface WebGpuLoadOptions extends Pick<LoadOptions, 'contextTokens'> {
  readonly rung: GpuRung;
  readonly runtimeOf: (build: OrtBuild) => Promise<WebGpuRuntime>;
}

export interface OpenedWebGpuModel extends OpenedModel {
  readonly model: WebGpuLanguageModel;
}

/**
 * Opens a compiled model on this device's GPU, compiles every shader that an answer needs, and compares what the GPU
 * computes with what the CPU computed from the same weights. Its context is at least what that comparison takes.
 *
 * @throws AppError `webgpu-unavailable` when this GPU cannot take the model, `self-test-failed` when its numbers are
 * wrong, `webgpu-lost`, `out-of-memory`, `compiled-damaged` or `runtime-failed`
 */
export async function openWebGpuModel(
  folder: ModelFolder,
  options: WebGpuLoadOptions,
  onProgress: (event: LoadEvent) => void,
): Promise<OpenedWebGpuModel> {
  const phases = new LoadPhases(onProgress);
  phases.report('runtime', 0);
  const manifest = await readManifest(folder, TARGET_OF_RUNG[options.rung]);
  const { selfTest, target, shape } = manifest;
  if (selfTest === null) throw new AppError('compiled-damaged', 'nothing to test the GPU with');
  const askedTokens = Math.min(options.contextTokens, shape.trainedContextTokens);
  const testedTokens = selfTest.promptTokens.length + selfTest.steps.length;
  const contextTokens = Math.max(askedTokens, testedTokens);
  const device = await GpuDevice.open(navigator.gpu);
  try {
    checkFit(device, manifest, contextTokens);
    const session = await openSession(folder, manifest, device, options, phases);
    const model = new WebGpuLanguageModel(session, device, manifest, contextTokens);

    phases.report('tokenizer', 0.6);
    const text = await openText(folder);
    phases.end('tokenizer');

    let shaders = 0;
    watchShaders(device.device, (count) => {
      shaders = count;
      phases.report('shaders', 0.62 + 0.28 * Math.min(1, count / EXPECTED_SHADERS));
    });
    await compileShaders(model);
    phases.end('shaders');
    const result = await testReplaying(model, target, selfTest, (fraction) =>
      phases.report('self-test', 0.9 + 0.1 * fraction),
    );
    phases.end('self-test');
    const gpu = describeGpu(device, manifest, model, shaders, result);
    const summary = { phases: phases.ended, threads: 1, gpu };
    return { model, ...text, manifest, summary, chunkTokens: WEBGPU_CHUNK_TOKENS };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** @throws AppError `webgpu-unavailable`, with the numbers */
function checkFit(
  { adapter, device }: GpuDevice,
  { target, maxTensorBytes, shape }: WebGpuManifest,
  contextTokens: number,
): void {
  if (target === 'webgpu-f16' && !device.features.has('shader-f16')) {
    throw new AppError('webgpu-unavailable', 'the adapter has no shader-f16');
  }
  const { maxBufferSize = 0, maxStorageBufferBindingSize = 0 } = adapter.limits;
  const allowedBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const cacheBytes = kvTensorBytes(shape, floatOf(target), contextTokens);
  const neededBytes = Math.max(maxTensorBytes, cacheBytes);
  if (neededBytes > allowedBytes) {
    const message = `a buffer of ${neededBytes} bytes is needed, ${allowedBytes} are allowed`;
    throw new AppError('webgpu-unavailable', message);
  }
}

async function openSession(
  folder: ModelFolder,
  manifest: WebGpuManifest,
  device: GpuDevice,
  { rung, runtimeOf }: WebGpuLoadOptions,
  phases: LoadPhases,
): Promise<InferenceSession> {
  const runtime = await runtimeOf(device.adapter.ortBuild);
  const graph = await folder.read('model.onnx');
  const weights = await folder.openSync('weights.bin');
  try {
    checkFiles(manifest, { 'weights.bin': weights.totalBytes, 'model.onnx': graph.byteLength });
    // ORT starts its runtime and reads the weights in one call; the first read is where one ends and the other begins.
    let takenBytes = 0;
    const read = (offset: number, target: Uint8Array) => {
      if (takenBytes === 0) phases.end('runtime');
      weights.readInto(offset, target);
      takenBytes += target.byteLength;
      phases.report('weights', 0.05 + 0.55 * Math.min(1, takenBytes / weights.totalBytes));
    };
    const file = { path: 'weights.bin', totalBytes: weights.totalBytes, read };
    const accumulatesInFloat32 = rung === 'webgpu-f16-fp32';
    const session = await openWebGpuSession(graph, [file], device, runtime, {
      accumulatesInFloat32,
    });
    phases.end('weights');
    return session;
  } finally {
    weights.close(); // all of them are on the GPU
  }
}

/**
 * Runs of as many tokens as ORT has kernels for: few, from 32 on, and one. Between them they need every shader that an
 * answer needs (seen 2026-11-22: no later run of other lengths compiled any).
 */
async function compileShaders(model: WebGpuLanguageModel): Promise<void> {
  const few = 16;
  const many = Math.min(WEBGPU_CHUNK_TOKENS, model.contextTokens - few - 1);
  await model.prefill(Array<number>(few).fill(0));
  await model.prefill(Array<number>(many).fill(0));
  await model.decode(0);
  model.truncate(0);
}

function describeGpu(
  { adapter, device }: GpuDevice,
  { weightBytes }: WebGpuManifest,
  { cacheBuffers, cacheBytes, otherBytes, replaysDecode }: WebGpuLanguageModel,
  shaders: number,
  selfTest: SelfTestResult,
): GpuSummary {
  return {
    adapter,
    usedFeatures: [...device.features].sort(),
    memory: { weightBytes, cacheBytes, otherBytes },
    cacheBuffers,
    shaders,
    replaysDecode,
    selfTest,
  };
}
