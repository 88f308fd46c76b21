import { halfToFloat } from './half.ts';

/** Blocks of 32: half d; 32 × int8. value = d · int8 */
export function dequantizeQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloat();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let to = 0, at = 0; to < out.length; to += 32, at += 34) {
    const d = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    for (let j = 0; j < 32; j++) out[to + j] = d * (signed[at + 2 + j] ?? 0);
  }
}
