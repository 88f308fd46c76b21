/** The float16 at `at` as float32, exactly; NaN stays NaN. */
export function loadHalf(at: usize): f32 {
  const bits = load<u16>(at) as u32;
  const magnitude = (bits & 0x7fff) << 13;
  // As float32 bits the exponent is 112 too small, for denormals as well.
  let value = reinterpret<f32>(magnitude) * reinterpret<f32>(0x77800000);
  if ((bits & 0x7c00) == 0x7c00) value = reinterpret<f32>(magnitude | 0x7f800000);
  return copysign<f32>(value, (bits & 0x8000) != 0 ? -1 : 1);
}
