/** From a verified GGUF to a model that answers. */
import type { LoadEvent } from '../../contract/engine.ts';
import { AppError } from '../../contract/errors.ts';
import type { DecoderShape, ModelId, SimdManifest } from '../../contract/model.ts';
import type { SyncByteSource } from '../../lib/bytes.ts';
import { createFingerprint } from '../../lib/fingerprint.ts';
import type { OpenedModel } from '../create-engine.ts';
import { MOST_SCORED_TOKENS } from '../language-model.ts';
import { LoadPhases } from '../load-phases.ts';
import type { ModelFolder } from '../model-folder.ts';
import { readManifest } from '../ort/read-manifest.ts';
import { rotation } from '../rotation.ts';
import { openText } from '../text/open-text.ts';
import type { KernelExports } from './kernel-exports.ts';
import { loadWeights, stagingBytes } from './load-weights.ts';
import {
  allocateMemory,
  describeShape,
  mapMemory,
  measuringMemory,
  type MemoryMap,
  type MemoryPlan,
} from './memory-map.ts';
import {
  openKernels,
  startKernels,
  type KernelBuild,
  type Kernels,
  type ReadKernels,
} from './open-kernels.ts';
import { runSimdSelfTest } from './self-test.ts';
import { SimdLanguageModel } from './simd-language-model.ts';
import { ThreadPool, type SharedKernels, type StartThread } from './thread-pool.ts';
import { tune, type Tuning } from './tune.ts';

/**
 * Prompt tokens per run. More share each weight that is read, but what a cancelled run has done is lost, and progress
 * shows between runs.
 */
export const SIMD_CHUNK_TOKENS = 128;

/** What the kernels' attention takes at a time. */
const HEAD_SIZE_STEP = 16;

export interface SimdOptions {
  /** Prompt plus reply, in tokens; at most what the model was trained for. */
  readonly contextTokens: number;
  /** Most threads; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
  /** Uses exactly `threads`, even where fewer prove faster. */
  readonly keepsThreads?: boolean;
  readonly readKernels: ReadKernels;
  readonly startThread: StartThread;
  /** Builds to choose from, best first; all without it. */
  readonly builds?: readonly KernelBuild[];
}

/** What is beside the compiled model's description. */
export interface SimdFiles {
  readonly folder: Pick<ModelFolder, 'read'>;
  /** The GGUF that it was made from. */
  readonly openSource: (id: ModelId) => Promise<SyncByteSource>;
}

export interface OpenedSimdModel extends OpenedModel {
  readonly model: SimdLanguageModel;
  readonly manifest: SimdManifest;
}

/**
 * Opens a model straight from its GGUF: weights turn into rows of int8 while they are read, nothing is written.
 *
 * @throws AppError `model-changed` when the file is not the one that was verified; `model-missing`, `compiled-damaged` as the files
 *   say; `model-too-large`, `out-of-memory`; `runtime-failed` where the kernels do not run, or not this shape; `self-test-failed`; `worker-died` when a
 *   thread does not start. Nothing is left behind then.
 */
export async function openSimd(
  files: SimdFiles,
  options: SimdOptions,
  onProgress: (event: LoadEvent) => void,
): Promise<OpenedSimdModel> {
  const phases = new LoadPhases(onProgress);
  let source: SyncByteSource | null = null;
  let pool: ThreadPool | null = null;
  try {
    phases.report('runtime', 0);
    const manifest = await readManifest(files.folder, 'simd-int8');
    refuseOddHeads(manifest.shape);
    source = await files.openSource(manifest.source.id);
    refuseOtherSize(source, manifest);
    const kernels = await openKernels(options.readKernels, options.builds);
    const plan = planFor(manifest, options);
    const shared = prepareMemory(kernels, plan);
    const startPool = (threads: number) => ThreadPool.start(shared, threads, options.startThread);
    pool = await startPool(plan.threads);
    phases.end('runtime');

    await fillMemory(shared, plan, pool, manifest, source, (fraction) =>
      phases.report('weights', 0.05 + 0.75 * fraction),
    );
    phases.end('weights');

    phases.report('tokenizer', 0.82);
    const { codec, template } = await openText(files.folder);
    phases.end('tokenizer');

    phases.report('warm-up', 0.95);
    createWorkspace(shared, plan);
    const tuning = tunePool(shared, plan, pool, options.keepsThreads ?? false);
    await pool.shrinkTo(tuning.threads);
    const restart = async () => {
      createWorkspace(shared, plan);
      const fresh = await startPool(tuning.threads);
      fresh.shareStepsAmong(tuning.threads);
      return fresh;
    };
    const { forms } = tuning;
    const model = new SimdLanguageModel({ shared, plan, pool, restart, forms });
    await model.decode(0);
    model.truncate(0);
    phases.end('warm-up');

    phases.report('self-test', 0.98);
    const selfTest =
      manifest.selfTest === null ? null : await runSimdSelfTest(model, manifest.selfTest);
    phases.end('self-test');
    phases.report('self-test', 1);
    return {
      model,
      codec,
      template,
      manifest,
      summary: {
        phases: phases.ended,
        threads: tuning.threads,
        gpu: null,
        kernels: {
          build: kernels.build,
          forms,
          memoryBytes: shared.map.totalBytes,
          selfTest,
        },
      },
      chunkTokens: SIMD_CHUNK_TOKENS,
    };
  } catch (error) {
    await pool?.terminate();
    throw error;
  } finally {
    source?.close();
  }
}

/** @throws AppError `model-changed` */
function refuseOtherSize(source: SyncByteSource, { source: { totalBytes } }: SimdManifest): void {
  if (source.totalBytes === totalBytes) return;
  throw new AppError('model-changed', `${source.totalBytes} bytes instead of ${totalBytes}`);
}

/** @throws AppError `runtime-failed`: no Qwen2 that was published has such heads, and the engine below this one runs them */
function refuseOddHeads({ headSize }: DecoderShape): void {
  if (headSize % HEAD_SIZE_STEP === 0) return;
  throw new AppError('runtime-failed', `heads of ${headSize}, not a multiple of ${HEAD_SIZE_STEP}`);
}

function planFor({ shape, isTied, tensors }: SimdManifest, options: SimdOptions): MemoryPlan {
  const contextTokens = Math.min(options.contextTokens, shape.trainedContextTokens);
  return {
    shape,
    isTied,
    contextTokens,
    chunkTokens: Math.min(SIMD_CHUNK_TOKENS, contextTokens),
    headRows: MOST_SCORED_TOKENS,
    threads: options.threads,
    stagingBytes: stagingBytes(tensors),
  };
}

/** A memory with everything described in it, and nothing filled but the table of rotations. */
function prepareMemory(kernels: Kernels, plan: MemoryPlan): SharedKernels {
  const { module } = kernels;
  const map = mapMemory(startKernels(module, measuringMemory()), plan);
  const memory = allocateMemory(map);
  const thread0 = startKernels(module, memory);
  describeShape(thread0, map.model, plan);
  describeParts(thread0, map);
  const { cos, sin } = rotation(0, plan.contextTokens, plan.shape.headSize, plan.shape.ropeBase);
  new Float32Array(memory.buffer, map.cosines, cos.length).set(cos);
  new Float32Array(memory.buffer, map.sines, sin.length).set(sin);
  return { module, memory, map, kernels: thread0 };
}

function describeParts(kernels: KernelExports, map: MemoryMap): void {
  const { model, embedding, head, outputNorm, cosines, sines } = map;
  kernels.describeEnds(model, embedding, head, outputNorm, cosines, sines);
  for (const [index, layer] of map.layers.entries()) {
    kernels.describeLayer(
      model,
      index,
      layer.attentionNorm,
      layer.qkv,
      layer.qkvBias,
      layer.attentionOutput,
      layer.feedForwardNorm,
      layer.gate,
      layer.up,
      layer.down,
      layer.keys,
      layer.values,
    );
  }
}

/** @throws AppError `model-changed` when the file's fingerprint is another one than when it was verified */
async function fillMemory(
  shared: SharedKernels,
  plan: MemoryPlan,
  pool: ThreadPool,
  { tensors, fingerprint: expected }: SimdManifest,
  source: SyncByteSource,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const fingerprint = await createFingerprint();
  loadWeights({ source, tensors, plan, shared, pool, fingerprint, onProgress });
  const found = fingerprint.digest();
  if (found !== expected) {
    throw new AppError('model-changed', `fingerprint ${found} instead of ${expected}`);
  }
}

function createWorkspace({ kernels, map }: SharedKernels, plan: MemoryPlan): void {
  const { chunkTokens, headRows, threads } = plan;
  kernels.createWorkspace(map.model, map.workspace, chunkTokens, headRows, threads);
}

/** Of decoding, a token through the first layers; of a prompt, a few rows through the first. */
const DECODE_SAMPLE_LAYERS = 4;
const PROMPT_SAMPLE_ROWS = 16;

function tunePool(
  { kernels, map, memory }: SharedKernels,
  plan: MemoryPlan,
  pool: ThreadPool,
  keepsThreads: boolean,
): Tuning {
  const layers = Math.min(DECODE_SAMPLE_LAYERS, plan.shape.layers);
  const rows = Math.min(PROMPT_SAMPLE_ROWS, plan.chunkTokens);
  new Int32Array(memory.buffer, kernels.stepTokens(map.model) >>> 0, rows).fill(0);
  return tune({
    threads: pool.threads,
    keepsThreads,
    kernels,
    model: map.model,
    shareStepsAmong: (threads) => pool.shareStepsAmong(threads),
    runSample(of) {
      if (of === 'decode') kernels.prepareStep(map.model, 1, 0, 0, layers, 0, 0);
      else kernels.prepareStep(map.model, rows, 0, 0, 1, 0, 0);
      pool.runStep();
    },
    now: () => performance.now(),
  });
}
