/** Blocks of 32 in five bits: nibbles as in Q4, and the fifth bits in one little-endian uint32. */
import { halfToFloat } from './half.ts';

/** half d; uint32 fifth bits; 16 × nibbles. value = d · (five bits − 16) */
export function dequantizeQ5_0(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let to = 0, at = 0; to < out.length; to += 32, at += 22) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    const fifthLow = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
    const fifthHigh = (bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8);
    for (let j = 0; j < 16; j++) {
      const nibbles = bytes[at + 6 + j] ?? 0;
      out[to + j] = d * (((nibbles & 15) | (((fifthLow >>> j) & 1) << 4)) - 16);
      out[to + 16 + j] = d * (((nibbles >>> 4) | (((fifthHigh >>> j) & 1) << 4)) - 16);
    }
  }
}

/** half d, half m; uint32 fifth bits; 16 × nibbles. value = d · five bits + m */
export function dequantizeQ5_1(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let to = 0, at = 0; to < out.length; to += 32, at += 24) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    const m = halves[(bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)] ?? 0;
    const fifthLow = (bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8);
    const fifthHigh = (bytes[at + 6] ?? 0) | ((bytes[at + 7] ?? 0) << 8);
    for (let j = 0; j < 16; j++) {
      const nibbles = bytes[at + 8 + j] ?? 0;
      out[to + j] = d * ((nibbles & 15) | (((fifthLow >>> j) & 1) << 4)) + m;
      out[to + 16 + j] = d * ((nibbles >>> 4) | (((fifthHigh >>> j) & 1) << 4)) + m;
    }
  }
}
