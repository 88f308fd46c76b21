import { formatRate } from '../format.ts';
import { topOf, type Line, type Measure } from './compare.ts';
import { nameOf } from './name-of.ts';

/** Medians as bars with their quartiles as whiskers. Not for screen readers: the table below it says the same. */
export function BarChart({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <div class="benchmark__chart" aria-hidden="true">
      {(['prefill', 'decode'] as const).map((kind) => {
        const top = topOf(lines, kind);
        const ofKind = lines.filter((line) => line.kind === kind);
        return ofKind.map(({ tokens, heat, here, other }) => (
          <div class="benchmark__bars" key={`${kind} ${tokens} ${heat}`}>
            <span>{nameOf(kind, tokens, heat)}</span>
            {here !== null && <Bar side="here" measure={here} top={top} />}
            {other !== null && <Bar side="other" measure={other} top={top} />}
          </div>
        ));
      })}
    </div>
  );
}

interface BarProps {
  readonly side: 'here' | 'other';
  readonly measure: Measure;
  /** Value at the end of the track. */
  readonly top: number;
}

function Bar({ side, measure, top }: BarProps) {
  const share = (value: number) => (100 * value) / top;
  const { median, p25, p75 } = measure;
  return (
    <div class={`benchmark__bar benchmark__bar--${side}`}>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" focusable="false">
        <rect class="benchmark__fill" x="0" y="1" width={share(median)} height="8" />
        <path
          class="benchmark__whisker"
          d={`M${share(p25)} 5H${share(p75)}M${share(p25)} 2V8M${share(p75)} 2V8`}
        />
      </svg>
      <span class="benchmark__number">{formatRate(median)}</span>
    </div>
  );
}
