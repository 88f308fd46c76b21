/**
 * The "K" types: super-blocks of 256 elements with a scale (and for some a minimum) in few bits per
 * sub-block of 16 or 32, and halves that scale those.
 *
 * Products of a half, a sub-block scale and a quantised value fit the 24 bits of an fp32, and the sums here
 * fit the 53 of a double, so the one rounding is the store into `out`: the same bits as fp32 arithmetic gives.
 */
import { halfToFloat } from './half.ts';

/** 16 × (4-bit scale, 4-bit minimum); 64 × 2 bits; half d, half dmin. value = d·scale·q − dmin·minimum */
export function dequantizeQ2_K(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let block = 0, at = 0; block < out.length; block += 256, at += 84) {
    const d = halves[(bytes[at + 80] ?? 0) | ((bytes[at + 81] ?? 0) << 8)] ?? 0;
    const dmin = halves[(bytes[at + 82] ?? 0) | ((bytes[at + 83] ?? 0) << 8)] ?? 0;
    // Sub-block s: bits 2·(s/2 mod 4) of 16 bytes; each 32 bytes hold eight sub-blocks.
    for (let sub = 0; sub < 16; sub++) {
      const packed = bytes[at + sub] ?? 0;
      const scale = d * (packed & 15);
      const minimum = dmin * (packed >>> 4);
      const from = at + 16 + (sub >>> 3) * 32 + (sub & 1) * 16;
      const shift = ((sub >>> 1) & 3) * 2;
      const to = block + sub * 16;
      for (let j = 0; j < 16; j++) {
        out[to + j] = scale * (((bytes[from + j] ?? 0) >>> shift) & 3) - minimum;
      }
    }
  }
}

/** 32 × third bits; 64 × 2 bits; 16 × 6-bit scales in 12 bytes; half d. value = d·(scale − 32)·(three bits − 4) */
export function dequantizeQ3_K(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let block = 0, at = 0; block < out.length; block += 256, at += 110) {
    const d = halves[(bytes[at + 108] ?? 0) | ((bytes[at + 109] ?? 0) << 8)] ?? 0;
    for (let sub = 0; sub < 16; sub++) {
      const low = (bytes[at + 96 + (sub & 7)] ?? 0) >>> ((sub >>> 3) * 4);
      const high = (bytes[at + 104 + (sub & 3)] ?? 0) >>> ((sub >>> 2) * 2);
      const scale = d * (((low & 15) | ((high & 3) << 4)) - 32);
      const thirdFrom = at + (sub & 1) * 16;
      const thirdShift = sub >>> 1;
      const from = at + 32 + (sub >>> 3) * 32 + (sub & 1) * 16;
      const shift = ((sub >>> 1) & 3) * 2;
      const to = block + sub * 16;
      for (let j = 0; j < 16; j++) {
        const third = ((bytes[thirdFrom + j] ?? 0) >>> thirdShift) & 1;
        out[to + j] = scale * ((((bytes[from + j] ?? 0) >>> shift) & 3) + third * 4 - 4);
      }
    }
  }
}

/**
 * The 6-bit scale of sub-block 0–7 of Q4_K and Q5_K. Of the 12 bytes at `at`, the first four hold scales 0–3 and
 * the second four minimums 0–3 in their low six bits; the last four hold the low nibbles of scales and minimums
 * 4–7, whose upper two bits are the top bits of the first eight.
 */
function scaleOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return (bytes[at + sub] ?? 0) & 63;
  return ((bytes[at + sub + 4] ?? 0) & 15) | (((bytes[at + sub - 4] ?? 0) >>> 6) << 4);
}

function minimumOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return (bytes[at + sub + 4] ?? 0) & 63;
  return ((bytes[at + sub + 4] ?? 0) >>> 4) | (((bytes[at + sub] ?? 0) >>> 6) << 4);
}

/** half d, half dmin; 12 bytes of scales; 128 × nibbles. value = d·scale·nibble − dmin·minimum */
export function dequantizeQ4_K(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let block = 0, at = 0; block < out.length; block += 256, at += 144) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    const dmin = halves[(bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)] ?? 0;
    for (let sub = 0; sub < 8; sub += 2) {
      const scaleLow = d * scaleOf(bytes, at + 4, sub);
      const scaleHigh = d * scaleOf(bytes, at + 4, sub + 1);
      const minimumLow = dmin * minimumOf(bytes, at + 4, sub);
      const minimumHigh = dmin * minimumOf(bytes, at + 4, sub + 1);
      const from = at + 16 + sub * 16;
      const to = block + sub * 32;
      for (let j = 0; j < 32; j++) {
        const nibbles = bytes[from + j] ?? 0;
        out[to + j] = scaleLow * (nibbles & 15) - minimumLow;
        out[to + 32 + j] = scaleHigh * (nibbles >>> 4) - minimumHigh;
      }
    }
  }
}

/** half d, half dmin; 12 bytes of scales; 32 × fifth bits; 128 × nibbles. value = d·scale·five bits − dmin·minimum */
export function dequantizeQ5_K(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let block = 0, at = 0; block < out.length; block += 256, at += 176) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    const dmin = halves[(bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)] ?? 0;
    for (let sub = 0; sub < 8; sub += 2) {
      const scaleLow = d * scaleOf(bytes, at + 4, sub);
      const scaleHigh = d * scaleOf(bytes, at + 4, sub + 1);
      const minimumLow = dmin * minimumOf(bytes, at + 4, sub);
      const minimumHigh = dmin * minimumOf(bytes, at + 4, sub + 1);
      const from = at + 48 + sub * 16;
      const to = block + sub * 32;
      for (let j = 0; j < 32; j++) {
        const nibbles = bytes[from + j] ?? 0;
        const fifths = (bytes[at + 16 + j] ?? 0) >>> sub;
        out[to + j] = scaleLow * ((nibbles & 15) | ((fifths & 1) << 4)) - minimumLow;
        out[to + 32 + j] = scaleHigh * ((nibbles >>> 4) | ((fifths & 2) << 3)) - minimumHigh;
      }
    }
  }
}

/** 128 × nibbles; 64 × two upper bits; 16 × int8 scales; half d. value = d·scale·(six bits − 32) */
export function dequantizeQ6_K(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0, at = 0; block < out.length; block += 256, at += 210) {
    const d = halves[(bytes[at + 208] ?? 0) | ((bytes[at + 209] ?? 0) << 8)] ?? 0;
    // Each half of the block: 64 bytes of nibbles, low ones first, and 32 bytes of upper bits, in four turns of 32.
    for (let sub = 0; sub < 16; sub++) {
      const half = sub >>> 3;
      const turn = (sub >>> 1) & 3;
      const odd = (sub & 1) * 16;
      const scale = d * (signed[at + 192 + sub] ?? 0);
      const from = at + half * 64 + (turn & 1) * 32 + odd;
      const shift = (turn >>> 1) * 4;
      const upperFrom = at + 128 + half * 32 + odd;
      const upperShift = turn * 2;
      const to = block + sub * 16;
      for (let j = 0; j < 16; j++) {
        const nibble = ((bytes[from + j] ?? 0) >>> shift) & 15;
        const upper = ((bytes[upperFrom + j] ?? 0) >>> upperShift) & 3;
        out[to + j] = scale * ((nibble | (upper << 4)) - 32);
      }
    }
  }
}
