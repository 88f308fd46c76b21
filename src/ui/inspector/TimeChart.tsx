import { useMemo } from 'preact/hooks';
import { formatCount, formatDuration } from '../format.ts';
import type { TracedToken } from '../../state/traces.ts';
import { xray as words } from '../later-words.ts';
import { elapsedMs } from './token-figures.ts';
import { timeLine } from './time-line.ts';

const HEIGHT = 40;

/** Milliseconds for each token after the first, as a thin line; the table has the same numbers. */
export function TimeChart({ tokens }: { readonly tokens: readonly TracedToken[] }) {
  const { most, points } = useMemo(() => timeLine(timesOf(tokens)), [tokens]);
  if (tokens.length < 3) return null;
  return (
    <figure class="xray__chart">
      <figcaption>{words.timePerToken(formatDuration(most))}</figcaption>
      <svg
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.timePerToken(formatDuration(most))}
      >
        <polyline
          points={points
            .map(([x, y]) => `${x.toFixed(2)},${((1 - y) * HEIGHT).toFixed(2)}`)
            .join(' ')}
          vector-effect="non-scaling-stroke"
        />
      </svg>
      <div class="xray__axis" aria-hidden="true">
        <span>{words.tokenNumber('2')}</span>
        <span>{words.tokenNumber(formatCount(tokens.length))}</span>
      </div>
    </figure>
  );
}

function timesOf(tokens: readonly TracedToken[]): readonly number[] {
  return tokens.slice(1).map((_, index) => elapsedMs(tokens, index + 1) ?? 0);
}
