import { formatCount, formatDuration } from '../format.ts';
import type { TracedToken } from '../../state/traces.ts';
import { xray as words } from '../later-words.ts';
import { elapsedMs } from './token-figures.ts';

const HEIGHT = 40;

/** Milliseconds for each token after the first, as a thin line; the table has the same numbers. */
export function TimeChart({ tokens }: { readonly tokens: readonly TracedToken[] }) {
  const times = tokens.slice(1).map((_, index) => elapsedMs(tokens, index + 1) ?? 0);
  if (times.length < 2) return null;
  const most = Math.max(...times, 1);
  const points = times.map(
    (ms, index) =>
      `${((index / (times.length - 1)) * 100).toFixed(2)},${(HEIGHT - (ms / most) * HEIGHT).toFixed(2)}`,
  );
  return (
    <figure class="xray__chart">
      <figcaption>{words.timePerToken(formatDuration(most))}</figcaption>
      <svg
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.timePerToken(formatDuration(most))}
      >
        <polyline points={points.join(' ')} vector-effect="non-scaling-stroke" />
      </svg>
      <div class="xray__axis" aria-hidden="true">
        <span>{words.tokenNumber('2')}</span>
        <span>{words.tokenNumber(formatCount(tokens.length))}</span>
      </div>
    </figure>
  );
}
