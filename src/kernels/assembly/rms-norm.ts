import { sumOfLanes } from './vectors';

/**
 * RMS norm (arXiv 1910.07467): y = x / sqrt(mean(x²) + epsilon) · weight.
 *
 * @param x float32 [width]
 * @param weight float32 [width]
 * @param y float32 [width]; may be x
 */
export function rmsNorm(x: usize, weight: usize, width: i32, epsilon: f32, y: usize): void {
  const bytes = (width as usize) << 2;
  const whole = bytes & ~15;
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) {
    const v = v128.load(x + i);
    squares = f32x4.add(squares, f32x4.mul(v, v));
  }
  let sum = sumOfLanes(squares);
  for (let i = whole; i < bytes; i += 4) sum += f32.load(x + i) * f32.load(x + i);

  const factor: f32 = 1 / sqrt<f32>(sum / (width as f32) + epsilon);
  for (let i: usize = 0; i < whole; i += 16) {
    const v = f32x4.mul(v128.load(x + i), f32x4.splat(factor));
    v128.store(y + i, f32x4.mul(v, v128.load(weight + i)));
  }
  for (let i = whole; i < bytes; i += 4) {
    f32.store(y + i, f32.load(x + i) * factor * f32.load(weight + i));
  }
}
