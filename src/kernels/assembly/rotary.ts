/**
 * Rotary position embedding (arXiv 2104.09864) of one head, the first half of its dimensions paired with the second, as in GPT-NeoX and Qwen2:
 * (a, b) → (a·cos − b·sin, b·cos + a·sin), times `factor`.
 *
 * @param x float32 [2 · half]; half a multiple of 4
 * @param cosines float32 [half], of this position
 * @param sines float32 [half]
 * @param y float32 [2 · half]; may be x
 */
export function rotate(
  x: usize,
  cosines: usize,
  sines: usize,
  half: i32,
  factor: f32,
  y: usize,
): void {
  const bytes = (half as usize) << 2;
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = f32x4.mul(v128.load(x + i), f);
    const b = f32x4.mul(v128.load(x + bytes + i), f);
    const cos = v128.load(cosines + i);
    const sin = v128.load(sines + i);
    v128.store(y + i, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
    v128.store(y + bytes + i, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)));
  }
}
