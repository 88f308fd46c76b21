/**
 * The log of Σ e^logit over a vocabulary, from sums over parts of it that the greatest logit of each keeps in range. Parts are always the same, so
 * that the result does not depend on who made which.
 */
import { exp1, exp4, log } from '../exponential';
import { greatestLane, sumOfLanes } from '../vectors';

/** Bytes of one part's sum: float32 the greatest logit, float32 Σ e^(logit − greatest). */
export const SUM_BYTES: usize = 8;

/** @param logits float32 [count], a multiple of 4, at least one not −∞ */
export function sumOfPart(logits: usize, count: i32, sum: usize): void {
  const end = logits + ((count as usize) << 2);
  let most = v128.load(logits);
  for (let p = logits + 16; p < end; p += 16) most = f32x4.pmax(most, v128.load(p));
  const greatest = greatestLane(most);
  let total = f32x4.splat(0);
  for (let p = logits; p < end; p += 16) {
    total = f32x4.add(total, exp4(f32x4.sub(v128.load(p), f32x4.splat(greatest))));
  }
  f32.store(sum, greatest);
  f32.store(sum, sumOfLanes(total), 4);
}

export function logNormaliser(sums: usize, parts: i32): f32 {
  const end = sums + (parts as usize) * SUM_BYTES;
  let greatest = f32.load(sums);
  for (let sum = sums; sum < end; sum += SUM_BYTES) greatest = max(greatest, f32.load(sum));
  let total: f64 = 0;
  for (let sum = sums; sum < end; sum += SUM_BYTES) {
    total += (f32.load(sum, 4) as f64) * (exp1(f32.load(sum) - greatest) as f64);
  }
  return ((greatest as f64) + log(total)) as f32;
}
