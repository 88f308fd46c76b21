/** Types without blocks. Values are moved as bits, so that NaN payloads survive. */
import { halfToFloatBits } from './half.ts';

export function dequantizeF32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
}

export function dequantizeF16(bytes: Uint8Array, out: Float32Array): void {
  const halves = halfToFloatBits();
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0, at = 0; i < bits.length; i++, at += 2) {
    bits[i] = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
  }
}

/** BF16 is the upper half of an fp32. */
export function dequantizeBF16(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0, at = 0; i < bits.length; i++, at += 2) {
    bits[i] = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 24);
  }
}
