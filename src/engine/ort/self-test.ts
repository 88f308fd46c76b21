import { AppError } from '../../contract/errors.ts';
import type { SelfTest, WebGpuTarget } from '../../contract/model.ts';
import type { SelfTestResult } from '../../contract/stats.ts';
import type { Leaders } from '../next-token.ts';

/**
 * Most that the log-probability of a leading candidate may differ from the CPU's, in nats. Measured 2026-11-22 with
 * Qwen2.5-Coder-0.5B: in 32 bits a (software) adapter is 0.00003 off; in 16 the CPU itself, which sums in 32, is 0.025 off
 * its own run in 32, and a GPU may also sum in 16. What is wrong is off by whole nats.
 */
const TOLERANCE_NATS: Readonly<Record<WebGpuTarget, number>> = {
  'webgpu-f32': 0.05,
  'webgpu-f16': 0.5,
};

/** A `LanguageModel` that tells its leaders. */
export interface LeaderModel {
  prefill(tokens: readonly number[]): Promise<Leaders>;
  decode(token: number): Promise<Leaders>;
  truncate(length: number): void;
}

/**
 * Runs the prompt that the compiled model carries and feeds the CPU's greedy tokens, whatever this device would have
 * chosen, so that each step is compared alone. Leaves the model empty.
 *
 * @param onStep the share of the steps that are done, 0–1
 * @throws AppError `self-test-failed`, the numbers in its `message`
 */
export async function runSelfTest(
  model: LeaderModel,
  target: WebGpuTarget,
  { promptTokens, greedyTokens, steps }: SelfTest,
  onStep: (fraction: number) => void = () => {},
): Promise<SelfTestResult> {
  if (steps.length === 0) throw new AppError('compiled-damaged', 'the self-test has no steps');
  const toleranceNats = TOLERANCE_NATS[target];
  let worst = { errorNats: 0, step: 0 };
  let sameTokens = 0;
  model.truncate(0);
  for (const [step, expected] of steps.entries()) {
    const before = step === 0 ? null : greedyTokens[step - 1];
    if (before === undefined) throw new AppError('compiled-damaged', 'the self-test lacks tokens');
    const next = await (before === null ? model.prefill(promptTokens) : model.decode(before));
    const errorNats = largestError(next, expected.ids, expected.logprobs);
    if (isLarger(errorNats, worst.errorNats)) worst = { errorNats, step };
    if (next.ids[0] === greedyTokens[step]) sameTokens++;
    onStep((step + 1) / steps.length);
  }
  model.truncate(0);
  if (isLarger(worst.errorNats, toleranceNats)) {
    const message =
      `largest error ${worst.errorNats.toFixed(3)} nats at step ${worst.step}, ` +
      `${toleranceNats} allowed; ${sameTokens} of ${steps.length} tokens the same`;
    throw new AppError('self-test-failed', message);
  }
  return { largestErrorNats: worst.errorNats, toleranceNats, tokens: steps.length, sameTokens };
}

/** A model that may play recorded commands where it decodes. */
export interface ReplayingModel extends LeaderModel {
  replaysDecode: boolean;
}

/**
 * The self-test of such a model. Where it fails, it is run once more without playing anything: that has gone wrong on some
 * GPUs (onnxruntime issue 29594) whose numbers are right otherwise. The model is left as it passed.
 *
 * @param onProgress 0–1
 * @throws AppError as `runSelfTest`, when it fails both ways
 */
export async function testReplaying(
  model: ReplayingModel,
  target: WebGpuTarget,
  selfTest: SelfTest,
  onProgress: (fraction: number) => void,
): Promise<SelfTestResult> {
  model.replaysDecode = true;
  let result: SelfTestResult;
  try {
    result = await runSelfTest(model, target, selfTest, (fraction) => onProgress(fraction / 2));
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'self-test-failed')) throw error;
    model.replaysDecode = false;
    result = await runSelfTest(model, target, selfTest, (done) => onProgress(0.5 + done / 2));
  }
  onProgress(1);
  return result;
}

/** NaN when the model tells no numbers, Infinity for a candidate that is not among its leaders. */
function largestError(
  { ids, logits, logNormaliser }: Leaders,
  expectedIds: readonly number[],
  expectedLogprobs: readonly number[],
): number {
  let largest = 0;
  for (const [at, id] of expectedIds.entries()) {
    const found = ids.indexOf(id);
    const logprob = found < 0 ? -Infinity : (logits[found] ?? Number.NaN) - logNormaliser;
    const error = Math.abs(logprob - (expectedLogprobs[at] ?? Number.NaN));
    if (isLarger(error, largest)) largest = error;
  }
  return largest;
}

/** What is no number is larger than any. */
function isLarger(error: number, than: number): boolean {
  return !(error <= than);
}
