import { BLOCK_TYPES, type BlockType } from './block-types.ts';
import { halfToFloat } from './dequantize/half.ts';

/**
 * The block types whose 32 weights are integers times one scale, and the bits that the integers take: what another
 * layout of integer blocks can hold without loss. All other types have offsets, or scales for fewer weights.
 */
export const INTEGER_BITS: Partial<Readonly<Record<BlockType, 4 | 5 | 8>>> = {
  Q4_0: 4,
  Q5_0: 5,
  Q8_0: 8,
};

/**
 * The scale of each of these whole blocks: weight ÷ scale is an integer. Null for types that are not made so.
 * Each of the types begins its block with the scale, as a half.
 */
export function ownScales(type: BlockType, bytes: Uint8Array): Float32Array<ArrayBuffer> | null {
  if (INTEGER_BITS[type] === undefined) return null;
  const halves = halfToFloat();
  const { bytesPerBlock } = BLOCK_TYPES[type];
  const scales = new Float32Array(bytes.length / bytesPerBlock);
  for (let block = 0, at = 0; block < scales.length; block++, at += bytesPerBlock) {
    scales[block] = halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
  }
  return scales;
}
