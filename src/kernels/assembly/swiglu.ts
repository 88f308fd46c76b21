import { exp4 } from './exponential';

/**
 * SwiGLU (arXiv 2002.05202) without its matrices: gate ← silu(gate) · up, silu(x) = x / (1 + e^−x).
 *
 * @param gate float32 [count], a multiple of 4
 * @param up float32 [count]
 */
export function swiglu(gate: usize, up: usize, count: i32): void {
  const one = f32x4.splat(1);
  const bytes = (count as usize) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(gate + i);
    const silu = f32x4.div(x, f32x4.add(one, exp4(f32x4.neg(x))));
    v128.store(gate + i, f32x4.mul(silu, v128.load(up + i)));
  }
}
