/** Exponential and logarithm without tables, so that the module keeps nothing in memory. */

/**
 * e^x of four float32s, to 2 units in the last place: Cephes' `expf` (S. Moshier, netlib.org/cephes/single.tgz, expf.c). Below −87 it is 0,
 * above 88 it is e^88.
 */
export function exp4(x: v128): v128 {
  const inRange = f32x4.ge(x, f32x4.splat(-87));
  x = f32x4.max(f32x4.min(x, f32x4.splat(88)), f32x4.splat(-87));
  // x = n · ln 2 + r, with ln 2 in two parts, of which the first is exact in few bits.
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.and(f32x4.mul(p, power), inRange);
}

/** e^x of one. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/**
 * Natural logarithm of a positive, finite float64, to 1e−13: x = 2^n · m with m in √½ … √2, and
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
