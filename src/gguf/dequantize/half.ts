/**
 * IEEE 754 half precision by table: a scale is then one load instead of branches. 256 KiB, built on first use.
 */
let table: Uint32Array | null = null;

/** fp32 bit patterns of all 65,536 halves; signs, denormals, infinities and NaN payloads kept. */
export function halfToFloatBits(): Uint32Array {
  return (table ??= Uint32Array.from({ length: 65536 }, (_, half) => floatBits(half)));
}

/** The same table as numbers. */
export function halfToFloat(): Float32Array {
  return new Float32Array(halfToFloatBits().buffer);
}

function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Denormal half: fraction × 2^-24. Shift its leading one up to bit 10, where it becomes implicit.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}
