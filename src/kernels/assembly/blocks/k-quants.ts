/**
 * The "K" types: super-blocks of 256 elements, with a scale (and for some a minimum) in few bits for each 16 or 32 of them, and halves that scale
 * those. Sources: the block structs of llama.cpp's `ggml-common.h` and `dequantize_row_*` of its `ggml-quants.c`. Products of a half, a scale
 * and an element fit the 24 bits of a float32; only adding a minimum rounds.
 */
import { loadHalf } from './half';
import { highNibbles, lowNibbles, storeScaled, storeScaledPlus } from './scaled';

const OUT: usize = 256 * 4;

/** 16 × (4-bit scale, 4-bit minimum); 64 × 2 bits; half d, half dmin. value = d · scale · q − dmin · minimum */
export function decodeQ2_K(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from + 80);
    const dmin = loadHalf(from + 82);
    // Sixteen elements: two bits each of sixteen bytes; each 32 bytes hold eight times sixteen.
    for (let sub: usize = 0; sub < 16; sub++) {
      const packed = load<u8>(from + sub) as u32;
      const bytes = v128.load(from + 16 + (sub >> 3) * 32 + (sub & 1) * 16);
      const shift = (((sub >> 1) & 3) as i32) * 2;
      const q = v128.and(i8x16.shr_u(bytes, shift), i8x16.splat(3));
      storeScaledPlus(to + sub * 64, q, d * ((packed & 15) as f32), -dmin * ((packed >> 4) as f32));
    }
    from += 84;
  }
}

/** 32 × third bits; 64 × 2 bits; 16 × 6-bit scales in 12 bytes; half d. value = d · (scale − 32) · (three bits − 4) */
export function decodeQ3_K(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from + 108);
    for (let sub: usize = 0; sub < 16; sub++) {
      const low = ((load<u8>(from + 96 + (sub & 7)) as i32) >> (((sub >> 3) as i32) * 4)) & 15;
      const high = ((load<u8>(from + 104 + (sub & 3)) as i32) >> (((sub >> 2) as i32) * 2)) & 3;
      const scale = d * (((low | (high << 4)) - 32) as f32);
      const thirds = i8x16.shr_u(v128.load(from + (sub & 1) * 16), (sub >> 1) as i32);
      const third = i8x16.shl(v128.and(thirds, i8x16.splat(1)), 2);
      const bytes = v128.load(from + 32 + (sub >> 3) * 32 + (sub & 1) * 16);
      const shift = (((sub >> 1) & 3) as i32) * 2;
      const q = v128.or(v128.and(i8x16.shr_u(bytes, shift), i8x16.splat(3)), third);
      storeScaled(to + sub * 64, i8x16.sub(q, i8x16.splat(4)), scale);
    }
    from += 110;
  }
}

/**
 * The 6-bit scale of 32 elements of Q4_K and Q5_K. Of the 12 bytes at `at`, the first four hold scales 0–3 and the second four minimums 0–3
 * in their low six bits; the last four hold the low nibbles of scales and minimums 4–7, whose upper two bits are the top bits of
 * the first eight.
 */
function scaleOf(at: usize, sub: usize): f32 {
  if (sub < 4) return ((load<u8>(at + sub) as u32) & 63) as f32;
  const low = (load<u8>(at + sub + 4) as u32) & 15;
  return (low | (((load<u8>(at + sub - 4) as u32) >> 6) << 4)) as f32;
}

function minimumOf(at: usize, sub: usize): f32 {
  if (sub < 4) return ((load<u8>(at + sub + 4) as u32) & 63) as f32;
  const low = (load<u8>(at + sub + 4) as u32) >> 4;
  return (low | (((load<u8>(at + sub) as u32) >> 6) << 4)) as f32;
}

/** half d, half dmin; 12 bytes of scales; 128 × nibbles. value = d · scale · nibble − dmin · minimum */
export function decodeQ4_K(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const dmin = loadHalf(from + 2);
    // 32 bytes hold two times 32 elements: the low nibbles, then the high.
    for (let sub: usize = 0; sub < 8; sub += 2) {
      const first = v128.load(from + 16 + sub * 16);
      const second = v128.load(from + 16 + sub * 16, 16);
      let scale = d * scaleOf(from + 4, sub);
      let minimum = -dmin * minimumOf(from + 4, sub);
      storeScaledPlus(to + sub * 128, lowNibbles(first), scale, minimum);
      storeScaledPlus(to + sub * 128 + 64, lowNibbles(second), scale, minimum);
      scale = d * scaleOf(from + 4, sub + 1);
      minimum = -dmin * minimumOf(from + 4, sub + 1);
      storeScaledPlus(to + sub * 128 + 128, highNibbles(first), scale, minimum);
      storeScaledPlus(to + sub * 128 + 192, highNibbles(second), scale, minimum);
    }
    from += 144;
  }
}

/** half d, half dmin; 12 bytes of scales; 32 × fifth bits; 128 × nibbles. value = d · scale · five bits − dmin · minimum */
export function decodeQ5_K(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const dmin = loadHalf(from + 2);
    const fifths0 = v128.load(from, 16);
    const fifths1 = v128.load(from, 32);
    for (let sub: usize = 0; sub < 8; sub += 2) {
      const first = v128.load(from + 48 + sub * 16);
      const second = v128.load(from + 48 + sub * 16, 16);
      let scale = d * scaleOf(from + 4, sub);
      let minimum = -dmin * minimumOf(from + 4, sub);
      let q = v128.or(lowNibbles(first), fifthBit(fifths0, sub as i32));
      storeScaledPlus(to + sub * 128, q, scale, minimum);
      q = v128.or(lowNibbles(second), fifthBit(fifths1, sub as i32));
      storeScaledPlus(to + sub * 128 + 64, q, scale, minimum);
      scale = d * scaleOf(from + 4, sub + 1);
      minimum = -dmin * minimumOf(from + 4, sub + 1);
      q = v128.or(highNibbles(first), fifthBit(fifths0, (sub as i32) + 1));
      storeScaledPlus(to + sub * 128 + 128, q, scale, minimum);
      q = v128.or(highNibbles(second), fifthBit(fifths1, (sub as i32) + 1));
      storeScaledPlus(to + sub * 128 + 192, q, scale, minimum);
    }
    from += 176;
  }
}

/** Bit `bit` of each byte, as 0 or 16. */
function fifthBit(bytes: v128, bit: i32): v128 {
  return i8x16.shl(v128.and(i8x16.shr_u(bytes, bit), i8x16.splat(1)), 4);
}

/** 128 × nibbles; 64 × two upper bits; 16 × int8 scales; half d. value = d · scale · (six bits − 32) */
export function decodeQ6_K(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from + 208);
    // Each half of the block: 64 bytes of nibbles, low ones first, and 32 bytes of upper bits, in four turns of 32 elements.
    for (let sub: usize = 0; sub < 16; sub++) {
      const half = sub >> 3;
      const turn = (sub >> 1) & 3;
      const odd = (sub & 1) * 16;
      const scale = d * (load<i8>(from + 192 + sub) as f32);
      const bytes = v128.load(from + half * 64 + (turn & 1) * 32 + odd);
      const nibble = v128.and(i8x16.shr_u(bytes, ((turn >> 1) as i32) * 4), i8x16.splat(15));
      const uppers = i8x16.shr_u(v128.load(from + 128 + half * 32 + odd), (turn as i32) * 2);
      const upper = i8x16.shl(v128.and(uppers, i8x16.splat(3)), 4);
      storeScaled(to + sub * 64, i8x16.sub(v128.or(nibble, upper), i8x16.splat(32)), scale);
    }
    from += 210;
  }
}
