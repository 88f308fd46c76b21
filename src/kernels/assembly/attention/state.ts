/**
 * What attention to some of the keys has come to, for one query (online softmax, arXiv 1805.02867; over slices of keys as in FlashAttention,
 * arXiv 2205.14135): with m the greatest score, Σ e^(score − m) · value and Σ e^(score − m). Two of them, over different keys,
 * merge into one over both.
 *
 * In memory: float32 [headSize], the sum of values; m; the sum of weights; padding to a multiple of 16 bytes.
 */
import { exp1 } from '../exponential';

export function stateBytes(headSize: i32): usize {
  return ((headSize + 4) as usize) << 2;
}

/** state ← what both come to. */
export function mergeStates(state: usize, other: usize, headSize: i32): void {
  const bytes = (headSize as usize) << 2;
  const greatest = max(f32.load(state + bytes), f32.load(other + bytes));
  const mine = exp1(f32.load(state + bytes) - greatest);
  const theirs = exp1(f32.load(other + bytes) - greatest);
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = f32x4.mul(v128.load(state + i), f32x4.splat(mine));
    const b = f32x4.mul(v128.load(other + i), f32x4.splat(theirs));
    v128.store(state + i, f32x4.add(a, b));
  }
  const weights = f32.load(state + bytes, 4) * mine + f32.load(other + bytes, 4) * theirs;
  f32.store(state + bytes, greatest);
  f32.store(state + bytes, weights, 4);
}

/** y ← the mean of the values by their weights: what attention gives. @param y float32 [headSize] */
export function finishState(state: usize, headSize: i32, y: usize): void {
  const bytes = (headSize as usize) << 2;
  const inverse = f32x4.splat(1 / f32.load(state + bytes, 4));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(y + i, f32x4.mul(v128.load(state + i), inverse));
  }
}
