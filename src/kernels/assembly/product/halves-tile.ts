/**
 * The innermost loop for activations as 7-bit halves: a group of four rows of weights with a tile of rows of activations, over one block of
 * columns. Sixteen int8s are four rows of four columns, and one instruction adds their dot products with the same four columns of
 * activations to four sums, one for each row.
 *
 * With x + 8192 = 128 · high + low, Σ w·x = 128 · (Σ w·high − 64 Σ w) + Σ w·low: hence the sums of the weights. All is exact in
 * 32 bits: 1,024 · 127 · 8191 < 2³⁰.
 *
 * Parameters of all of these: `w` and `end`, the group's bytes in this block; `x`, the tile's; `scales` float32 [4] and `sums` int32 [4] of
 * the group, the latter in this block; `rowScales` float32 [rows] of the tile; `y` float32 [4] for each row of the tile, `yStride` bytes apart.
 */
import { addScaled } from './add-scaled';

/** `sum` and the dot products of four rows of weights with four columns of one half of the activations. */
function addDots(sum: v128, weights: v128, half: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, half, sum);
}

/** Σ w·x from the sums over the halves and the sum of the weights. */
function joinHalves(high: v128, low: v128, sum: v128): v128 {
  return i32x4.add(i32x4.shl(i32x4.sub(high, i32x4.shl(sum, 6)), 7), low);
}

export function multiplyHalves1(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  sums: usize,
  rowScales: usize,
  y: usize,
): void {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  while (w < end) {
    const w0 = v128.load(w);
    a = addDots(a, w0, v128.load32_splat(x));
    b = addDots(b, w0, v128.load32_splat(x, 4));
    const w1 = v128.load(w, 16);
    c = addDots(c, w1, v128.load32_splat(x, 8));
    d = addDots(d, w1, v128.load32_splat(x, 12));
    const w2 = v128.load(w, 32);
    a = addDots(a, w2, v128.load32_splat(x, 16));
    b = addDots(b, w2, v128.load32_splat(x, 20));
    const w3 = v128.load(w, 48);
    c = addDots(c, w3, v128.load32_splat(x, 24));
    d = addDots(d, w3, v128.load32_splat(x, 28));
    w += 64;
    x += 32;
  }
  const sum = joinHalves(i32x4.add(a, c), i32x4.add(b, d), v128.load(sums));
  addScaled(y, sum, v128.load(scales), rowScales);
}

export function multiplyHalves2(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  sums: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  HalvesTile.multiply(2, w, end, x, scales, sums, rowScales, y, yStride);
}

export function multiplyHalves3(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  sums: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  HalvesTile.multiply(3, w, end, x, scales, sums, rowScales, y, yStride);
}

export function multiplyHalves4(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  sums: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  HalvesTile.multiply(4, w, end, x, scales, sums, rowScales, y, yStride);
}

/** A class only because its methods can be inlined by force: `rows` is then a constant, and what is not needed falls away. */
abstract class HalvesTile {
  @inline
  static multiply(
    rows: i32,
    w: usize,
    end: usize,
    x: usize,
    scales: usize,
    sums: usize,
    rowScales: usize,
    y: usize,
    yStride: usize,
  ): void {
    let high0 = i32x4.splat(0);
    let high1 = high0;
    let high2 = high0;
    let high3 = high0;
    let low0 = high0;
    let low1 = high0;
    let low2 = high0;
    let low3 = high0;
    while (w < end) {
      const weights = v128.load(w);
      high0 = addDots(high0, weights, v128.load32_splat(x));
      low0 = addDots(low0, weights, v128.load32_splat(x, 4));
      high1 = addDots(high1, weights, v128.load32_splat(x, 8));
      low1 = addDots(low1, weights, v128.load32_splat(x, 12));
      if (rows > 2) {
        high2 = addDots(high2, weights, v128.load32_splat(x, 16));
        low2 = addDots(low2, weights, v128.load32_splat(x, 20));
      }
      if (rows > 3) {
        high3 = addDots(high3, weights, v128.load32_splat(x, 24));
        low3 = addDots(low3, weights, v128.load32_splat(x, 28));
      }
      w += 16;
      x += (rows as usize) << 3;
    }
    const scale = v128.load(scales);
    const sum = v128.load(sums);
    addScaled(y, joinHalves(high0, low0, sum), scale, rowScales);
    addScaled(y + yStride, joinHalves(high1, low1, sum), scale, rowScales + 4);
    if (rows > 2) addScaled(y + 2 * yStride, joinHalves(high2, low2, sum), scale, rowScales + 8);
    if (rows > 3) addScaled(y + 3 * yStride, joinHalves(high3, low3, sum), scale, rowScales + 12);
  }
}
