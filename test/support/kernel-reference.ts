/** What the kernels compute, one number at a time, in double precision but where a kernel's result is exact. */

/** `value ≈ integers × scale`, one scale for the row, ties to even. */
export interface QuantisedRow {
  readonly integers: Int32Array;
  readonly scale: number;
}

/** In float32, as the kernels do it: so that integers and scale are the very same. @param greatest 127 for weights, 8191 for activations */
export function quantise(values: ArrayLike<number>, greatest: number): QuantisedRow {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(at(values, i)));
  if (most < 1e-30) most = 0;
  const inverse = most === 0 ? 0 : Math.fround(greatest / most);
  const integers = Int32Array.from(values, (value) => roundToEven(Math.fround(value * inverse)));
  return { integers, scale: Math.fround(most / greatest) };
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * y + W x for one row, the kernels' bits: sums of integers over blocks of 1,024 columns, scaled and added one after the other in float32.
 * @param y what is added to
 */
export function multiplyRow(w: QuantisedRow, x: QuantisedRow, y: number): number {
  let sum = y;
  for (let first = 0; first < w.integers.length; first += 1024) {
    let dot = 0;
    for (let i = first; i < Math.min(w.integers.length, first + 1024); i++) {
      dot += at(w.integers, i) * at(x.integers, i);
    }
    const product = Math.fround(Math.fround(Math.fround(dot) * w.scale) * x.scale);
    sum = Math.fround(sum + product);
  }
  return sum;
}

/** arXiv 1910.07467. */
export function rmsNorm(x: ArrayLike<number>, weight: ArrayLike<number>, epsilon: number) {
  const squares = Array.from(x, (value) => value * value);
  const mean = squares.reduce((sum, square) => sum + square, 0) / x.length;
  return Float64Array.from(x, (value, i) => (value / Math.sqrt(mean + epsilon)) * at(weight, i));
}

/** arXiv 2104.09864, halves paired. */
export function rotate(x: ArrayLike<number>, position: number, base: number): Float64Array {
  const half = x.length / 2;
  return Float64Array.from({ length: x.length }, (_, i) => {
    const angle = position * base ** (-(i % half) / half);
    const [a, b] = [at(x, i % half), at(x, (i % half) + half)];
    return i < half
      ? a * Math.cos(angle) - b * Math.sin(angle)
      : b * Math.cos(angle) + a * Math.sin(angle);
  });
}

export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** Softmax attention of one query to `keys` and `values` [count][query.length]. @param factor of the scores */
export function attend(
  query: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  factor: number,
): Float64Array {
  const size = query.length;
  const count = keys.length / size;
  const scores = Array.from({ length: count }, (_, k) => {
    let score = 0;
    for (let i = 0; i < size; i++) score += at(query, i) * at(keys, k * size + i);
    return score * factor;
  });
  const greatest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - greatest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from({ length: size }, (_, i) =>
    weights.reduce((sum, weight, k) => sum + (weight / total) * at(values, k * size + i), 0),
  );
}

export function logSumExp(logits: ArrayLike<number>): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) greatest = Math.max(greatest, at(logits, i));
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(at(logits, i) - greatest);
  return greatest + Math.log(total);
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] as number;
}
