import { GROUP_ROWS } from '../matrix';

/** Rows of the head that a thread takes at a time, and a part of the normaliser. */
export const SHARE_ROWS: i32 = 1024;
export const SHARE_GROUPS: i32 = SHARE_ROWS / GROUP_ROWS;

export function sharesOfHead(vocabulary: i32): i32 {
  return (vocabulary + SHARE_ROWS - 1) / SHARE_ROWS;
}
