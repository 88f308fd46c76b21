/**
 * Whether the kernels compute what they should on this device: a few tokens through a few layers of the very model, compared
 * with what plain arithmetic makes of the same file (reference-run.ts). That was written down when the model was prepared.
 */
import { AppError } from '../../contract/errors.ts';
import type { SimdManifest, SimdSelfTest } from '../../contract/model.ts';
import type { SelfTestResult } from '../../contract/stats.ts';
import type { ByteSource } from '../../lib/bytes.ts';
import type { Leaders } from '../next-token.ts';
import { referenceRun } from './reference-run.ts';

/** More than a product of decoding takes, so that both ways are tried: nine as a prompt, three one by one. */
const TOKENS = 12;
const STEPS = 4;
/** Candidates kept per step. */
const KEPT_LEADERS = 5;

/**
 * Most that the log-probability of a leading candidate may differ, in nats, as the kernels round activations to 14 bits. Measured:
 * 0.11 with Qwen2.5-Coder-0.5B, 0.01 with the guide. What is wrong is off by whole nats.
 */
const TOLERANCE_NATS = 0.3;

/**
 * Runs the weights in plain arithmetic, in a second or two for 0.5 billion of them.
 *
 * @param source the GGUF
 * @param onStep awaited every few milliseconds
 */
export async function measureSimdSelfTest(
  source: ByteSource,
  manifest: Pick<SimdManifest, 'shape' | 'isTied' | 'tensors'>,
  onStep?: () => Promise<void>,
): Promise<SimdSelfTest> {
  const { shape, tensors } = manifest;
  const tokens = Array.from({ length: TOKENS }, (_, at) => spread(at, shape.vocabulary));
  const layers = layersToTry(shape.layers, tensors);
  const request = { tokens, layers, wanted: STEPS };
  const logits = await referenceRun(source, manifest, onStep ? { ...request, onStep } : request);
  const steps = logits.map((row) => {
    const ids = leadersOf(row);
    const most = row[ids[0] ?? 0] ?? 0;
    const normaliser = most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
    return { ids, logprobs: ids.map((id) => (row[id] ?? 0) - normaliser) };
  });
  return { tokens, layers, steps };
}

function leadersOf(logits: Float64Array): readonly number[] {
  const ids: number[] = [];
  while (ids.length < Math.min(KEPT_LEADERS, logits.length)) {
    let best = -1;
    let most = -Infinity;
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id] as number;
      if (logit <= most || ids.includes(id)) continue;
      best = id;
      most = logit;
    }
    ids.push(best);
  }
  return ids;
}

/** Ids far apart, the same for every model of this vocabulary. */
function spread(at: number, vocabulary: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  return Math.floor((((at + 1) * golden) % 1) * vocabulary);
}

/** The first layer, and each that has a tensor in a form in which none before has it: every decoder of blocks is tried. */
function layersToTry(layers: number, tensors: SimdManifest['tensors']): readonly number[] {
  const seen = new Set<string>();
  return Array.from({ length: layers }, (_, layer) => layer).filter((layer) => {
    const prefix = `blk.${layer}.`;
    const forms = tensors
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, ggmlType }) => `${name.slice(prefix.length)} ${ggmlType}`);
    const isNew = layer === 0 || forms.some((form) => !seen.has(form));
    for (const form of forms) seen.add(form);
    return isNew;
  });
}

/** A model whose layers can be run by themselves. */
export interface LayeredModel {
  /** Takes `tokens` through `layers`, after the `start` tokens that went through the same before. */
  runLayers(layers: readonly number[], tokens: readonly number[], start: number): Promise<Leaders>;
}

/** @throws AppError `self-test-failed`, the numbers in its `message`; and what the model throws */
export async function runSimdSelfTest(
  model: LayeredModel,
  { tokens, layers, steps }: SimdSelfTest,
): Promise<SelfTestResult> {
  const promptTokens = tokens.length - steps.length + 1;
  let largestErrorNats = 0;
  let sameTokens = 0;
  for (const [step, expected] of steps.entries()) {
    const start = step === 0 ? 0 : promptTokens + step - 1;
    const next = await model.runLayers(layers, tokens.slice(start, promptTokens + step), start);
    const errorNats = largestError(next, expected);
    if (!(errorNats <= largestErrorNats)) largestErrorNats = errorNats; // NaN is larger than all
    if (next.ids[0] === expected.ids[0]) sameTokens++;
  }
  const toleranceNats = TOLERANCE_NATS;
  if (steps.length === 0 || !(largestErrorNats <= toleranceNats)) {
    const message =
      `the kernels are ${largestErrorNats.toFixed(3)} nats off, ${toleranceNats} allowed; ` +
      `${sameTokens} of ${steps.length} tokens the same`;
    throw new AppError('self-test-failed', message, {
      detail: { type: 'on-cpu' },
    });
  }
  return { largestErrorNats, toleranceNats, tokens: steps.length, sameTokens };
}

/** Infinity for a candidate that is not among the leaders. */
function largestError(
  { ids, logits, logNormaliser }: Leaders,
  expected: SimdSelfTest['steps'][number],
): number {
  const errors = expected.ids.map((id, at) => {
    const found = ids.indexOf(id);
    const logprob = found < 0 ? -Infinity : (logits[found] ?? Number.NaN) - logNormaliser;
    return Math.abs(logprob - (expected.logprobs[at] ?? Number.NaN));
  });
  return Math.max(...errors);
}
