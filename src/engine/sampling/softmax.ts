import type { Candidates } from './candidates.ts';
import { expNegative } from './exp-negative.ts';

/**
 * Sets the highest logit, and each weight to exp(logit − highest logit).
 * @returns their sum, at least 1: weight ÷ sum is the softmax
 */
export function weigh(candidates: Candidates): number {
  const { logits, weights, length } = candidates;
  let highest = -Infinity;
  for (let position = 0; position < length; position++) {
    const logit = logits[position] ?? 0;
    if (logit > highest) highest = logit;
  }
  candidates.highestLogit = highest;
  let total = 0;
  for (let position = 0; position < length; position++) {
    const weight = expNegative(highest - (logits[position] ?? 0));
    weights[position] = weight;
    total += weight;
  }
  return total;
}

export function sumWeights({ weights, length }: Candidates): number {
  let total = 0;
  for (let position = 0; position < length; position++) total += weights[position] ?? 0;
  return total;
}

/** Natural log of the sum of e^logit; `highest` is the highest of them. */
export function logSumExp(logits: Float32Array, highest: number): number {
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += expNegative(highest - (logits[id] ?? 0));
  return highest + Math.log(total);
}
