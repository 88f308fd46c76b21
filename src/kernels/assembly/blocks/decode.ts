/** Blocks of a GGUF as float32s, by type. Ids: `enum ggml_type` of llama.cpp's `ggml.h`. */
import { decodeQ4_0, decodeQ4_1, decodeQ5_0, decodeQ5_1, decodeQ8_0 } from './blocks-of-32';
import { decodeBF16, decodeF16, decodeF32 } from './floats';
import { decodeQ2_K, decodeQ3_K, decodeQ4_K, decodeQ5_K, decodeQ6_K } from './k-quants';

/** Bytes of `count` elements, which fill whole blocks; 0 for a type that is none of these. */
export function bytesOfElements(ggmlType: i32, count: i32): usize {
  const blocksOf32 = (count / 32) as usize;
  const blocksOf256 = (count / 256) as usize;
  switch (ggmlType) {
    case 0:
      return (count as usize) << 2;
    case 1:
    case 30:
      return (count as usize) << 1;
    case 2:
      return blocksOf32 * 18;
    case 3:
      return blocksOf32 * 20;
    case 6:
      return blocksOf32 * 22;
    case 7:
      return blocksOf32 * 24;
    case 8:
      return blocksOf32 * 34;
    case 10:
      return blocksOf256 * 84;
    case 11:
      return blocksOf256 * 110;
    case 12:
      return blocksOf256 * 144;
    case 13:
      return blocksOf256 * 176;
    case 14:
      return blocksOf256 * 210;
    default:
      return 0;
  }
}

/**
 * The bits that the Python package `gguf` gives, and so llama.cpp's reference.
 *
 * @param from the first block, at any address
 * @param count elements, whole blocks of them
 * @param to float32 [count]
 */
export function decodeFloats(ggmlType: i32, from: usize, count: i32, to: usize): void {
  switch (ggmlType) {
    case 0:
      return decodeF32(from, to, count);
    case 1:
      return decodeF16(from, to, count);
    case 30:
      return decodeBF16(from, to, count);
    case 2:
      return decodeQ4_0(from, to, count);
    case 3:
      return decodeQ4_1(from, to, count);
    case 6:
      return decodeQ5_0(from, to, count);
    case 7:
      return decodeQ5_1(from, to, count);
    case 8:
      return decodeQ8_0(from, to, count);
    case 10:
      return decodeQ2_K(from, to, count);
    case 11:
      return decodeQ3_K(from, to, count);
    case 12:
      return decodeQ4_K(from, to, count);
    case 13:
      return decodeQ5_K(from, to, count);
    case 14:
      return decodeQ6_K(from, to, count);
  }
}
