/** Numbers drawn from repeated measurements. */

export interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
}

/** @throws RangeError for no values at all: there is nothing to say then. */
export function spread(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    p25: quantile(values, 0.25),
    p75: quantile(values, 0.75),
  };
}

/**
 * The value below which `fraction` (0–1) of the values lie, interpolated linearly between neighbours:
 * definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), the default of R and NumPy.
 *
 * @throws RangeError for no values, a value that is not finite, or a fraction outside 0–1
 */
export function quantile(values: readonly number[], fraction: number): number {
  if (!values.every(Number.isFinite)) throw new RangeError('every value has to be finite');
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`${fraction} is not in 0–1`);
  const ascending = values.toSorted((a, b) => a - b);
  const position = fraction * (ascending.length - 1);
  const below = ascending[Math.floor(position)];
  const above = ascending[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (position - Math.floor(position));
}
