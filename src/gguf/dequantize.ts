import { BLOCK_TYPES, bytesOfElements, type BlockType } from './block-types.ts';
import { dequantizeBF16, dequantizeF16, dequantizeF32 } from './dequantize/floats.ts';
import {
  dequantizeQ2_K,
  dequantizeQ3_K,
  dequantizeQ4_K,
  dequantizeQ5_K,
  dequantizeQ6_K,
} from './dequantize/k-quants.ts';
import { dequantizeQ4_0, dequantizeQ4_1 } from './dequantize/q4.ts';
import { dequantizeQ5_0, dequantizeQ5_1 } from './dequantize/q5.ts';
import { dequantizeQ8_0 } from './dequantize/q8.ts';

const KERNELS: Record<BlockType, (bytes: Uint8Array, out: Float32Array) => void> = {
  F32: dequantizeF32,
  F16: dequantizeF16,
  BF16: dequantizeBF16,
  Q4_0: dequantizeQ4_0,
  Q4_1: dequantizeQ4_1,
  Q5_0: dequantizeQ5_0,
  Q5_1: dequantizeQ5_1,
  Q8_0: dequantizeQ8_0,
  Q2_K: dequantizeQ2_K,
  Q3_K: dequantizeQ3_K,
  Q4_K: dequantizeQ4_K,
  Q5_K: dequantizeQ5_K,
  Q6_K: dequantizeQ6_K,
};

/**
 * Whole blocks of a tensor as fp32, bit for bit what the Python package `gguf` 0.19.0 gives (and so llama.cpp's
 * reference). `bytes` need not be aligned; nothing is allocated. Little-endian hosts only, as WebAssembly is.
 *
 * @throws RangeError unless `bytes` and `out` hold the same whole number of blocks
 */
export function dequantize(type: BlockType, bytes: Uint8Array, out: Float32Array): void {
  if (bytes.length !== bytesOfElements(type, out.length)) {
    const { elementsPerBlock, bytesPerBlock } = BLOCK_TYPES[type];
    throw new RangeError(
      `${bytes.length} bytes of ${type} for ${out.length} elements (${bytesPerBlock} for ${elementsPerBlock})`,
    );
  }
  KERNELS[type](bytes, out);
}
