/** A cache line: everything in the memory starts at a multiple of it, so that no two threads write the same one. */
const LINE_BYTES: usize = 64;

/** Float32s in a cache line. Rows of activations and of matrices are padded to a multiple, with zeros. */
const LINE_FLOATS: i32 = 16;

export function alignBytes(bytes: usize): usize {
  return (bytes + LINE_BYTES - 1) & ~(LINE_BYTES - 1);
}

/** Elements of a padded row. */
export function pad(elements: i32): i32 {
  return (elements + LINE_FLOATS - 1) & ~(LINE_FLOATS - 1);
}

/** Bytes of a padded row of float32. */
export function rowBytes(elements: i32): usize {
  return (pad(elements) as usize) << 2;
}
