/** The older types: blocks of 32 elements with one scale. Sources: the block structs of llama.cpp's `ggml-common.h`. */
import { loadHalf } from './half';
import { highNibbles, lowNibbles, storeScaled, storeScaledPlus } from './scaled';

const OUT: usize = 32 * 4;

/** half d; 16 × nibbles, elements 0–15 in the low ones. value = d · (nibble − 8) */
export function decodeQ4_0(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  const eight = i8x16.splat(8);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const nibbles = v128.load(from, 2);
    storeScaled(to, i8x16.sub(lowNibbles(nibbles), eight), d);
    storeScaled(to + 64, i8x16.sub(highNibbles(nibbles), eight), d);
    from += 18;
  }
}

/** half d, half m; nibbles. value = d · nibble + m */
export function decodeQ4_1(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const m = loadHalf(from + 2);
    const nibbles = v128.load(from, 4);
    storeScaledPlus(to, lowNibbles(nibbles), d, m);
    storeScaledPlus(to + 64, highNibbles(nibbles), d, m);
    from += 20;
  }
}

/** half d; uint32 fifth bits; nibbles. value = d · (five bits − 16) */
export function decodeQ5_0(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  const sixteen = i8x16.splat(16);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const nibbles = v128.load(from, 6);
    const low = v128.or(lowNibbles(nibbles), fifthBits(from + 2));
    const high = v128.or(highNibbles(nibbles), fifthBits(from + 4));
    storeScaled(to, i8x16.sub(low, sixteen), d);
    storeScaled(to + 64, i8x16.sub(high, sixteen), d);
    from += 22;
  }
}

/** half d, half m; uint32 fifth bits; nibbles. value = d · five bits + m */
export function decodeQ5_1(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    const m = loadHalf(from + 2);
    const nibbles = v128.load(from, 8);
    storeScaledPlus(to, v128.or(lowNibbles(nibbles), fifthBits(from + 4)), d, m);
    storeScaledPlus(to + 64, v128.or(highNibbles(nibbles), fifthBits(from + 6)), d, m);
    from += 24;
  }
}

/** Sixteen bits as sixteen bytes of 0 or 16. */
function fifthBits(at: usize): v128 {
  const ofByte = i64x2.splat(0x8040201008040201);
  const repeated = i8x16.swizzle(
    v128.load16_splat(at),
    i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1),
  );
  return v128.and(i8x16.eq(v128.and(repeated, ofByte), ofByte), i8x16.splat(16));
}

/** half d; 32 × int8. value = d · int8 */
export function decodeQ8_0(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += OUT) {
    const d = loadHalf(from);
    storeScaled(to, v128.load(from, 2), d);
    storeScaled(to + 64, v128.load(from, 18), d);
    from += 34;
  }
}
