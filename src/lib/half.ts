/** IEEE 754 half precision for those who have no `Float16Array`. */

/** Rounds to the nearest half, ties to even; beyond 65,504 to infinity. Bit patterns out. */
export function toHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, halfOfBits);
}

const INFINITY = 0x7c00;
/** fp32 bits of 65,520, the least number that rounds to infinity, and of 2^-14, the least normal half. */
const TOO_LARGE = 0x477ff000;
const LEAST_NORMAL = 0x38800000;

function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | INFINITY | 0x200; // not a number
  if (size >= TOO_LARGE) return sign | INFINITY;
  if (size >= LEAST_NORMAL) {
    const rebiased = size - ((127 - 15) << 23);
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // Denormal: the fraction with its leading one, shifted to multiples of 2^-24.
  const exponent = size >>> 23;
  const shift = 126 - exponent; // 14 for the largest denormals
  if (shift > 24) return sign;
  const fraction = (size & 0x7fffff) | 0x800000;
  const half = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const isUp = rest > middle || (rest === middle && (half & 1) === 1);
  return sign | (isUp ? half + 1 : half);
}
