import { AppError } from '../../../src/contract/errors.ts';
import type { Target, WebGpuManifest } from '../../../src/contract/model.ts';
import { GraphOnCpu } from '../../../src/engine/ort/graph-on-cpu.ts';
import { openModel } from '../../../src/engine/ort/open-model.ts';
import type { OrtLanguageModel } from '../../../src/engine/ort/ort-language-model.ts';
import type { SimdLanguageModel } from '../../../src/engine/simd/simd-language-model.ts';
import { compileToFolder } from '../compile-to-folder.ts';
import { nodeModelFolder } from '../open-compiled-folder.ts';
import { openOnKernels } from '../open-on-kernels.ts';
import { cpuThreads } from '../threads.ts';

/** A compiled model that gives every position's logits. */
export interface Scorer {
  readonly vocabulary: number;
  /**
   * Of each text's end, this many tokens are decoded one by one. A WebGPU target rounds no activations, so prompt and
   * decode give the same numbers, and on the CPU each of its runs dequantises the whole model: a few show that its
   * cache works.
   */
  readonly decodedTokens: number;
  /** Runs `tokens` after those before; raw logits of the last `wanted` of them, `[wanted][vocabulary]`. */
  score(tokens: readonly number[], wanted: number): Promise<Float32Array>;
  /** Forgets all tokens. */
  reset(): void;
  dispose(): Promise<void>;
}

/** Compiles `file` into the new folder `compiled` and opens it on this machine's CPU. */
export async function openScorer(
  file: string,
  target: Target,
  compiled: string,
  contextTokens: number,
  onProgress: (fraction: number) => void,
): Promise<Scorer> {
  if (target === 'simd-int8') return scoreOnKernels(file, compiled, contextTokens, onProgress);
  const options = { contextTokens, threads: cpuThreads(), runtime: { folderUrl: null } };
  const manifest = await compileToFolder(file, target, compiled, onProgress, {
    returns: 'logits',
  });
  if (manifest.target === 'webgpu-f16' || manifest.target === 'webgpu-f32') {
    return scoreOnCpu(manifest, compiled, options);
  }
  const { model } = await openModel(nodeModelFolder(compiled), { ...options }, () => {});
  return scorerOf(model);
}

async function scoreOnKernels(
  file: string,
  compiled: string,
  contextTokens: number,
  onProgress: (fraction: number) => void,
): Promise<Scorer> {
  await compileToFolder(file, 'simd-int8', compiled, onProgress);
  const { model } = await openOnKernels(compiled, file, contextTokens);
  return scorerOf(model);
}

/** Of an engine that runs on a CPU as it is. */
function scorerOf(model: OrtLanguageModel | SimdLanguageModel): Scorer {
  return {
    vocabulary: model.vocabulary,
    decodedTokens: 64,
    score: (tokens, wanted) => model.score(tokens, wanted),
    reset: () => model.truncate(0),
    dispose: () => model.dispose(),
  };
}

async function scoreOnCpu(
  manifest: WebGpuManifest,
  compiled: string,
  options: Parameters<typeof GraphOnCpu.open>[1],
): Promise<Scorer> {
  const folder = nodeModelFolder(compiled);
  const graph = await folder.read('model.onnx');
  const weights = await folder.openSync('weights.bin');
  const model = await GraphOnCpu.open({ manifest, graph, weights }, options);
  weights.close();
  const { vocabulary } = manifest.shape;
  return {
    vocabulary,
    decodedTokens: 8,
    async score(tokens, wanted) {
      const logits = await model.run(tokens, 'logits');
      if (logits.length !== tokens.length * vocabulary) {
        throw new AppError('runtime-failed', `${logits.length} logits for ${tokens.length} tokens`);
      }
      return logits.subarray((tokens.length - wanted) * vocabulary);
    },
    reset: () => model.reset(),
    dispose: () => model.dispose(),
  };
}
