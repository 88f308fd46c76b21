import type { BlockForm } from './blocks.ts';

const ZERO = 8;

/** −8…7, neighbours in one byte, the first in the low bits; zero point 8, which the operators assume unasked. */
export const BLOCKS_4BIT: BlockForm = {
  bits: 4,
  pack(integers, bytes) {
    for (let at = 0, from = 0; at < bytes.length; at++, from += 2) {
      const low = (integers[from] as number) + ZERO;
      const high = (integers[from + 1] as number) + ZERO;
      bytes[at] = low | (high << 4);
    }
  },
};
