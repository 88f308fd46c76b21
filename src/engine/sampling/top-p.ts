import type { Candidates } from './candidates.ts';

/** Buckets of an eighth of a nat down to 40 nats below the most likely; what lies deeper shares the last. */
const BUCKETS_PER_NAT = 8;
const BUCKETS = 40 * BUCKETS_PER_NAT + 1;
const weightOfBucket = new Float64Array(BUCKETS);

/**
 * Nucleus: keeps the fewest tokens, most likely first, whose probabilities sum to at least `p`; one at least. Of equal ones,
 * lower ids come first. Source: A. Holtzman et al., "The Curious Case of Neural Text Degeneration",
 * arXiv 1904.09751, §3.1.
 *
 * No full sort: weights are summed by bucket, and only the bucket in which the sum passes `p` is put in order.
 * @param candidates weighed
 * @param total sum of their weights
 */
export function keepTopP(candidates: Candidates, p: number, total: number): void {
  if (p >= 1) return;
  const { ids, logits, weights, length, highestLogit } = candidates;
  const bucketAt = (position: number) =>
    Math.min(BUCKETS - 1, Math.floor((highestLogit - (logits[position] ?? 0)) * BUCKETS_PER_NAT));
  weightOfBucket.fill(0);
  for (let position = 0; position < length; position++) {
    const bucket = bucketAt(position);
    weightOfBucket[bucket] = (weightOfBucket[bucket] ?? 0) + (weights[position] ?? 0);
  }

  const wanted = p * total;
  let border = 0;
  let above = 0;
  while (border < BUCKETS - 1 && above + (weightOfBucket[border] ?? 0) < wanted) {
    above += weightOfBucket[border] ?? 0;
    border++;
  }

  const atBorder: number[] = [];
  for (let position = 0; position < length; position++) {
    if (bucketAt(position) === border) atBorder.push(position);
  }
  atBorder.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || (ids[a] ?? 0) - (ids[b] ?? 0));
  if (atBorder.length === 0) return; // p so near 1 that rounding passed all
  let sum = above;
  let last = 0;
  for (const position of atBorder) {
    last = position;
    sum += weights[position] ?? 0;
    if (sum >= wanted) break;
  }
  candidates.keepDownTo(logits[last] ?? 0, ids[last] ?? 0);
}
