/** Blocks of 32 in four bits: elements 0–15 in the low nibbles, 16–31 in the high. */
import { halfToFloat } from './half.ts';

/** half d; 16 × nibbles. value = d · (nibble − 8) */
export function dequantizeQ4_0(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let to = 0, at = 0; to < out.length; to += 32, at += 18) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    for (let j = 0; j < 16; j++) {
      const nibbles = bytes[at + 2 + j] ?? 0;
      out[to + j] = d * ((nibbles & 15) - 8);
      out[to + 16 + j] = d * ((nibbles >>> 4) - 8);
    }
  }
}

/** half d, half m; 16 × nibbles. value = d · nibble + m */
export function dequantizeQ4_1(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  for (let to = 0, at = 0; to < out.length; to += 32, at += 20) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    const m = halves[(bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)] ?? 0;
    for (let j = 0; j < 16; j++) {
      const nibbles = bytes[at + 4 + j] ?? 0;
      out[to + j] = d * (nibbles & 15) + m;
      out[to + 16 + j] = d * (nibbles >>> 4) + m;
    }
  }
}
