import type { NextToken } from '../next-token.ts';
import { expNegative } from './exp-negative.ts';

/** What the model expected in one place, before any sampling. */
export interface Expectation {
  /** The most likely tokens, most likely first; equal ones by id. */
  readonly leaders: readonly { readonly id: number; readonly probability: number }[];
  /**
   * Of the whole distribution, in nats. Of a model that tells its leaders only, the rest counts as one token: the true
   * entropy is not less.
   */
  readonly entropyNats: number;
  /** Natural log of the sum of e^logit: logit − this is a log-probability. */
  readonly logNormaliser: number;
}

/** Logits this far below the highest add less than 0.0005 to the sum, however many they are. */
const NEGLIGIBLE = 20;

/**
 * The softmax of raw logits at temperature 1. One pass over them, most of which costs a comparison.
 * @param count leaders wanted, at least 1
 */
export function expectationOf(next: NextToken, count: number): Expectation {
  return next.of === 'leaders' ? ofLeaders(next, count) : ofAll(next.logits, count);
}

function ofLeaders(
  { ids, logits, logNormaliser }: Extract<NextToken, { of: 'leaders' }>,
  count: number,
): Expectation {
  const order = Array.from(ids, (id, at) => ({ id, logit: logits[at] ?? -Infinity }));
  order.sort((a, b) => b.logit - a.logit || a.id - b.id);
  let rest = 1;
  let entropyNats = 0;
  const all = order.map(({ id, logit }) => {
    const probability = Math.exp(logit - logNormaliser);
    rest -= probability;
    entropyNats -= probability * (logit - logNormaliser);
    return { id, probability };
  });
  if (rest > 0) entropyNats -= rest * Math.log(rest);
  return { leaders: all.slice(0, count), entropyNats, logNormaliser };
}

function ofAll(logits: Float32Array, count: number): Expectation {
  const top: { id: number; logit: number }[] = [];
  let least = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? 0;
    if (logit <= least && top.length === count) continue;
    let at = top.length;
    while (at > 0 && (top[at - 1]?.logit ?? 0) < logit) at--;
    top.splice(at, 0, { id, logit });
    if (top.length > count) top.pop();
    least = top.at(-1)?.logit ?? -Infinity;
  }
  const highest = top[0]?.logit ?? 0;
  let sum = 0;
  let below = 0;
  for (let id = 0; id < logits.length; id++) {
    const distance = highest - (logits[id] ?? 0);
    if (distance > NEGLIGIBLE) continue;
    const weight = expNegative(distance);
    sum += weight;
    below += weight * distance;
  }
  const logNormaliser = highest + Math.log(sum);
  return {
    leaders: top.map(({ id, logit }) => ({ id, probability: Math.exp(logit - logNormaliser) })),
    entropyNats: Math.log(sum) + below / sum,
    logNormaliser,
  };
}
