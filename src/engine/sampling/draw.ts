import type { Candidates } from './candidates.ts';

/**
 * Position of the candidate that `fraction` falls on, when each takes a share of 0–1 by its weight.
 * @param candidates weighed, at least one
 * @param total sum of their weights
 * @param fraction 0 ≤ fraction < 1
 */
export function draw(candidates: Candidates, total: number, fraction: number): number {
  const { weights, length } = candidates;
  let rest = fraction * total;
  let last = 0;
  for (let position = 0; position < length; position++) {
    const weight = weights[position] ?? 0;
    if (weight === 0) continue;
    if (rest < weight) return position;
    rest -= weight;
    last = position; // rounding may leave a little over: it belongs to the last that can be drawn
  }
  return last;
}
