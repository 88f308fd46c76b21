/**
 * Bytes of a compiled model per byte of its source: the official Q4_K_M files give 1.03 (they are 8 bits a weight
 * compiled, but carry the vocabulary matrix twice); rounded up.
 */
export const COMPILED_PER_SOURCE_BYTE = 1.05;
