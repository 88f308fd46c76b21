/** Exponential and logarithm. */

/**
 * Cephes' `exp2f` (S. Moshier, netlib.org/cephes/single.tgz, exp2f.c): 2^f − 1 = f · polynomial for f in −½ … ½, highest power first. Here they
 * are read from memory: V8 builds a vector constant from three instructions wherever it is used, and there are ten of them.
 */
const TABLE: usize = memory.data<f32>([
  -87, // e^x is still a normal number
  88,
  1.44269504088896341, // 1 / ln 2
  12582912, // 1.5 · 2²³: at this size a float32 counts in ones
  1.5353361883195e-4,
  1.339887440266574e-3,
  9.61843735767464e-3,
  5.550332471162809e-2,
  2.402264791363012e-1,
  6.931472028550421e-1,
  1,
]);

function constant(index: usize): v128 {
  return v128.load32_splat(TABLE + (index << 2));
}

/**
 * e^x of four float32s. The relative error is below 2e−7 · (1 + |x| / 2); beyond −87 and 88 the result is that of the bound, so that nothing is
 * ever 0 or infinite.
 */
export function exp4(x: v128): v128 {
  x = f32x4.pmax(constant(0), f32x4.pmin(constant(1), x));
  // e^x = 2^(n + f), n whole.
  const power = f32x4.mul(x, constant(2));
  const ones = constant(3);
  const n = f32x4.add(power, ones);
  const f = f32x4.sub(power, f32x4.sub(n, ones));
  let p = constant(4);
  p = f32x4.add(f32x4.mul(p, f), constant(5));
  p = f32x4.add(f32x4.mul(p, f), constant(6));
  p = f32x4.add(f32x4.mul(p, f), constant(7));
  p = f32x4.add(f32x4.mul(p, f), constant(8));
  p = f32x4.add(f32x4.mul(p, f), constant(9));
  p = f32x4.add(f32x4.mul(p, f), constant(10));
  // n stands in the lowest bits; moved to the exponent's and added there, it multiplies by 2^n.
  return i32x4.add(p, i32x4.shl(n, 23));
}

/** e^x of one. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/**
 * Natural logarithm of a positive, normal, finite float64, to 1e−13: x = 2^n · m with m in √½ … √2, and
 * log m = 2 artanh((m − 1) / (m + 1)) by its series.
 */
export function log(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let n = ((bits >> 52) as i32) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n++;
  }
  const f = (m - 1) / (m + 1);
  const square = f * f;
  let series: f64 = 0;
  for (let odd = 17; odd > 0; odd -= 2) series = series * square + 1 / (odd as f64);
  return 2 * f * series + (n as f64) * 0.6931471805599453;
}
