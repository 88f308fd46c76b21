/**
 * Rotary position embedding (arXiv 2104.09864, eq. 15): angle of pair i at position m is m · base^(−2i / head).
 * In double precision, since float32 loses whole radians of the fast pairs at long contexts.
 *
 * @returns two `[tokens][head / 2]`
 */
export function rotation(
  firstPosition: number,
  tokens: number,
  headSize: number,
  base: number,
): { cos: Float32Array; sin: Float32Array } {
  const pairs = headSize / 2;
  const cos = new Float32Array(tokens * pairs);
  const sin = new Float32Array(tokens * pairs);
  for (let i = 0; i < pairs; i++) {
    const frequency = base ** ((-2 * i) / headSize);
    for (let t = 0; t < tokens; t++) {
      const angle = (firstPosition + t) * frequency;
      cos[t * pairs + i] = Math.cos(angle);
      sin[t * pairs + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
