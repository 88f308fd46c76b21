import { spread, type Spread } from '../../lib/spread.ts';
import type { BenchmarkResult, Series } from '../../state/benchmark/result.ts';

/** One measurement of one or two results. */
export interface Line extends Pick<Series, 'kind' | 'tokens' | 'heat'> {
  readonly here: Measure | null;
  readonly other: Measure | null;
}

export interface Measure extends Spread {
  readonly samples: number;
}

/** What either result measured: prefill before decode, short before long, cold before warm. */
export function compare(
  here: BenchmarkResult | null,
  other: BenchmarkResult | null,
): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const [side, result] of [
    ['here', here],
    ['other', other],
  ] as const) {
    for (const { kind, tokens, heat, perSecond } of result?.series ?? []) {
      const key = `${kind} ${tokens} ${heat}`;
      const line = lines.get(key) ?? { kind, tokens, heat, here: null, other: null };
      lines.set(key, { ...line, [side]: { ...spread(perSecond), samples: perSecond.length } });
    }
  }
  return [...lines.values()].sort(
    (a, b) =>
      b.kind.localeCompare(a.kind, 'en') ||
      a.tokens - b.tokens ||
      a.heat.localeCompare(b.heat, 'en'),
  );
}

/** The largest value of a kind, quartiles included: where its bars end. */
export function topOf(lines: readonly Line[], kind: Series['kind']): number {
  const ofKind = lines.filter((line) => line.kind === kind);
  return Math.max(0, ...ofKind.flatMap(({ here, other }) => [here?.p75 ?? 0, other?.p75 ?? 0]));
}
