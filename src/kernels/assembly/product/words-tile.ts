/**
 * The innermost loop for activations as int16s: a group of four rows of weights with a tile of rows of activations, over one block of columns.
 * Eight int8s, extended, are two rows of four columns, and one instruction multiplies them with the same four columns of
 * activations, twice: each row's sum comes in two lanes. No lane passes 512 · 127 · 8191 < 2³⁰, so all sums are exact.
 *
 * Parameters of all of these: `w` and `end`, the group's bytes in this block; `x`, the tile's; `scales` float32 [4] of the group;
 * `rowScales` float32 [rows] of the tile; `y` float32 [4] for each row of the tile, `yStride` bytes apart.
 */
import { sumOfPairs } from '../vectors';
import { addScaled } from './add-scaled';

/** `sum` and the dot products of eight weights with the four columns at `x`. */
function addDots(sum: v128, weights: v128, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(weights, x));
}

/** One row: most of the work of an answer. Unrolled, for the loop itself would take a third of the time. */
export function multiplyWords1(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  rowScales: usize,
  y: usize,
): void {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  while (w < end) {
    const x0 = v128.load64_splat(x);
    a = addDots(a, v128.load8x8_s(w), x0);
    b = addDots(b, v128.load8x8_s(w, 8), x0);
    const x1 = v128.load64_splat(x, 8);
    c = addDots(c, v128.load8x8_s(w, 16), x1);
    d = addDots(d, v128.load8x8_s(w, 24), x1);
    const x2 = v128.load64_splat(x, 16);
    a = addDots(a, v128.load8x8_s(w, 32), x2);
    b = addDots(b, v128.load8x8_s(w, 40), x2);
    const x3 = v128.load64_splat(x, 24);
    c = addDots(c, v128.load8x8_s(w, 48), x3);
    d = addDots(d, v128.load8x8_s(w, 56), x3);
    w += 64;
    x += 32;
  }
  const sum = sumOfPairs(i32x4.add(a, c), i32x4.add(b, d));
  addScaled(y, sum, v128.load(scales), rowScales);
}

export function multiplyWords2(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  WordsTile.multiply(2, w, end, x, scales, rowScales, y, yStride);
}

export function multiplyWords3(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  WordsTile.multiply(3, w, end, x, scales, rowScales, y, yStride);
}

export function multiplyWords4(
  w: usize,
  end: usize,
  x: usize,
  scales: usize,
  rowScales: usize,
  y: usize,
  yStride: usize,
): void {
  WordsTile.multiply(4, w, end, x, scales, rowScales, y, yStride);
}

/** A class only because its methods can be inlined by force: `rows` is then a constant, and what is not needed falls away. */
abstract class WordsTile {
  @inline
  static multiply(
    rows: i32,
    w: usize,
    end: usize,
    x: usize,
    scales: usize,
    rowScales: usize,
    y: usize,
    yStride: usize,
  ): void {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    while (w < end) {
      const u = v128.load8x8_s(w);
      const v = v128.load8x8_s(w, 8);
      const x0 = v128.load64_splat(x);
      a0 = addDots(a0, u, x0);
      b0 = addDots(b0, v, x0);
      const x1 = v128.load64_splat(x, 8);
      a1 = addDots(a1, u, x1);
      b1 = addDots(b1, v, x1);
      if (rows > 2) {
        const x2 = v128.load64_splat(x, 16);
        a2 = addDots(a2, u, x2);
        b2 = addDots(b2, v, x2);
      }
      if (rows > 3) {
        const x3 = v128.load64_splat(x, 24);
        a3 = addDots(a3, u, x3);
        b3 = addDots(b3, v, x3);
      }
      w += 16;
      x += (rows as usize) << 3;
    }
    const scale = v128.load(scales);
    addScaled(y, sumOfPairs(a0, b0), scale, rowScales);
    addScaled(y + yStride, sumOfPairs(a1, b1), scale, rowScales + 4);
    if (rows > 2) addScaled(y + 2 * yStride, sumOfPairs(a2, b2), scale, rowScales + 8);
    if (rows > 3) addScaled(y + 3 * yStride, sumOfPairs(a3, b3), scale, rowScales + 12);
  }
}
