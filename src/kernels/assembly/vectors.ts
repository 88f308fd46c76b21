/** What WASM's instructions for four or sixteen numbers at a time lack. */

/** 1.5 · 2²³: at this size a float32 counts in ones. */
const ONES: f32 = 12582912;
const BITS_OF_ONES: i32 = 0x4b400000;

/** Four float32s below 2²² as the nearest int32s, ties to even: two instructions, where `trunc_sat` alone takes five or more. */
export function roundToInts(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, f32x4.splat(ONES)), i32x4.splat(BITS_OF_ONES));
}

/** The sum of four float32s, always in the same order. */
export function sumOfLanes(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) +
    f32x4.extract_lane(a, 1) +
    (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

export function greatestLane(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/** The four sums of four vectors of float32. */
export function sumOfEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The sums of neighbours in two vectors of int32. */
export function sumOfPairs(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
}
