/**
 * y += sum · scale of the weights · scale of the activations, for four rows of weights.
 *
 * @param y float32 [4]
 * @param sum int32 [4]
 * @param scales float32 [4]
 * @param rowScale address of one float32
 */
export function addScaled(y: usize, sum: v128, scales: v128, rowScale: usize): void {
  const product = f32x4.mul(f32x4.convert_i32x4_s(sum), scales);
  v128.store(y, f32x4.add(v128.load(y), f32x4.mul(product, v128.load32_splat(rowScale))));
}
