import type { BlockForm } from './blocks.ts';

const ZERO = 128;

/** −128…127, one byte each; zero point 128, which the operators assume unasked. */
export const BLOCKS_8BIT: BlockForm = {
  bits: 8,
  pack(integers, bytes) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = (integers[i] as number) + ZERO;
  },
};
