/** How quantised bytes become float32s. All GGML types are bytes times a scale, some plus a constant. */

/** to[0…16) ← bytes · scale, exactly: a scale has at most 19 bits, a byte 8 at most where the scale has 11. @param bytes int8 [16] */
export function storeScaled(to: usize, bytes: v128, scale: f32): void {
  const s = f32x4.splat(scale);
  const low = i16x8.extend_low_i8x16_s(bytes);
  const high = i16x8.extend_high_i8x16_s(bytes);
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), s));
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), s), 16);
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), s), 32);
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), s), 48);
}

/** to[0…16) ← bytes · scale + constant, rounded once. */
export function storeScaledPlus(to: usize, bytes: v128, scale: f32, constant: f32): void {
  storeScaled(to, bytes, scale);
  const c = f32x4.splat(constant);
  for (let i: usize = 0; i < 64; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), c));
  }
}

export function lowNibbles(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

export function highNibbles(bytes: v128): v128 {
  return i8x16.shr_u(bytes, 4);
}
