import { formatCount, formatDuration, formatRate, formatShare } from '../format.ts';
import { shareKept } from '../../state/benchmark/drift.ts';
import type { DriftPoint } from '../../state/benchmark/result.ts';
import { units } from '../words.ts';
import { scaleTop } from '../stats/draw-trace.ts';
import { benchmark as words, statistics } from '../later-words.ts';

/** Decoding speed while the device grows warm: a line, one sentence, and the same as a table. */
export function DriftChart({ drift }: { readonly drift: readonly DriftPoint[] }) {
  const top = scaleTop(drift.map(({ perSecond }) => perSecond));
  const lastMs = drift.at(-1)?.atMs ?? 1;
  const share = shareKept(drift);
  const points = drift.map(
    ({ atMs, perSecond }) => `${(100 * atMs) / lastMs},${40 - (40 * perSecond) / top}`,
  );
  return (
    <div class="benchmark__part">
      {share !== null && <p>{words.driftKept(formatShare(share), formatDuration(lastMs))}</p>}
      <svg
        class="benchmark__drift"
        viewBox="0 0 100 40"
        preserveAspectRatio="none"
        role="img"
        aria-label={words.driftLabel}
      >
        <path class="benchmark__grid" d="M0 0H100M0 20H100M0 40H100" />
        <polyline class="benchmark__line" points={points.join(' ')} />
      </svg>
      <div class="benchmark__axis" aria-hidden="true">
        <span>0</span>
        <span>
          {formatCount(top)} {units.perSecond}
        </span>
        <span>{formatDuration(lastMs)}</span>
      </div>
      <details class="benchmark__details">
        <summary>{statistics.asTable}</summary>
        <table class="benchmark__table">
          <thead>
            <tr>
              <th scope="col">{words.seconds}</th>
              <th scope="col">{units.perSecond}</th>
            </tr>
          </thead>
          <tbody>
            {drift.map(({ atMs, perSecond }) => (
              <tr key={atMs}>
                <td class="benchmark__number">{formatCount(atMs / 1000)}</td>
                <td class="benchmark__number">{formatRate(perSecond)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
