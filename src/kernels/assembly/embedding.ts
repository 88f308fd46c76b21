import { GROUP_ROWS, Matrix, rowOf } from './matrix';

/**
 * One row of a matrix as float32: the embedding of a token.
 *
 * @param y float32 [paddedColumns]
 */
export function embed(matrix: usize, row: i32, y: usize): void {
  const m = changetype<Matrix>(matrix);
  const scale = v128.load32_splat(m.scales + ((row as usize) << 2));
  const end = y + ((m.paddedColumns as usize) << 2);
  let from = rowOf(m, row);
  for (; y < end; y += 4 * GROUP_ROWS) {
    const int32s = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from)));
    v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(int32s), scale));
    from += 16;
  }
}
