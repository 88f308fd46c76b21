import type { SelfTest, WebGpuManifest } from '../../contract/model.ts';
import type { ModelFolder } from '../model-folder.ts';
import { openText } from '../text/open-text.ts';
import { GraphOnCpu } from './graph-on-cpu.ts';
import type { RuntimeFiles } from './session.ts';

/**
 * A text that a model goes on with of its own accord, so that rounding does not decide. More than 64 tokens for Qwen's
 * tokenizer: GPUs run other kernels for long prompts than for short ones.
 */
const TEXT =
  'The numbers from one to thirty are 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,';
const GREEDY_TOKENS = 8;
/** Candidates kept per step. */
const KEPT_LEADERS = 5;

/**
 * What a right device answers to a fixed prompt: a CPU run of a compiled model's own weights. Needs the memory of the
 * weights twice for its time; ORT's heap never shrinks, so this is for a worker that ends afterwards.
 *
 * @param folder `model.onnx`, `weights.bin` and the tokenizer's files are read
 * @throws AppError as `openSession` does
 */
export async function measureSelfTest(
  folder: ModelFolder,
  manifest: WebGpuManifest,
  options: {
    readonly threads: number;
    readonly runtime: RuntimeFiles;
    /** Called after each run. */
    readonly onStep?: () => void;
  },
): Promise<SelfTest> {
  const { codec } = await openText(folder);
  const promptTokens = [...codec.encode(TEXT)];
  const contextTokens = promptTokens.length + GREEDY_TOKENS;
  const graph = await folder.read('model.onnx');
  const weights = await folder.openSync('weights.bin');
  try {
    const files = { manifest, graph, weights };
    const model = await GraphOnCpu.open(files, { ...options, contextTokens });
    try {
      return await greedyRun(model, promptTokens, options.onStep);
    } finally {
      await model.dispose();
    }
  } finally {
    weights.close();
  }
}

async function greedyRun(
  model: GraphOnCpu,
  promptTokens: readonly number[],
  onStep: () => void = () => {},
): Promise<SelfTest> {
  const { leaders } = model.manifest;
  const greedyTokens: number[] = [];
  const steps: SelfTest['steps'][number][] = [];
  let tokens = promptTokens;
  while (greedyTokens.length < GREEDY_TOKENS) {
    const next = await model.run(tokens, 'next');
    onStep();
    const logNormaliser = next[2 * leaders] ?? NaN;
    const kept = Math.min(KEPT_LEADERS, leaders);
    const ids = [...next.subarray(leaders, leaders + kept)];
    const logprobs = [...next.subarray(0, kept)].map((logit) => logit - logNormaliser);
    steps.push({ ids, logprobs });
    tokens = ids.slice(0, 1);
    greedyTokens.push(...tokens);
  }
  return { promptTokens, greedyTokens, steps };
}
