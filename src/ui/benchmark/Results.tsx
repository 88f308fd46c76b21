import type { BenchmarkResult } from '../../state/benchmark/result.ts';
import { BarChart } from './BarChart.tsx';
import { compare } from './compare.ts';
import { describeFacts } from './describe-facts.ts';
import { DriftChart } from './DriftChart.tsx';
import { RateTable } from './RateTable.tsx';
import { benchmark as words } from '../later-words.ts';

interface ResultsProps {
  readonly here: BenchmarkResult | null;
  readonly other: BenchmarkResult | null;
}

/** One result, or two side by side. */
export function Results({ here, other }: ResultsProps) {
  const lines = compare(here, other);
  const isPair = here !== null && other !== null;
  const sides = [
    [words.here, here],
    [words.other, other],
  ] as const;
  return (
    <>
      <section class="benchmark__part">
        <h3 class="benchmark__heading">{words.result}</h3>
        {here?.wasHidden === true && <p class="benchmark__attention">{words.hidden}</p>}
        {isPair && (
          <ul class="benchmark__key">
            <li class="benchmark__key-here">{words.here}</li>
            <li class="benchmark__key-other">{words.other}</li>
          </ul>
        )}
        {other !== null && <p class="benchmark__hint">{words.otherHint}</p>}
        {isPair && here.model.sha256 !== other.model.sha256 && (
          <p class="benchmark__attention">{words.otherModel}</p>
        )}
        {lines.length > 0 && (
          <>
            <BarChart lines={lines} />
            <RateTable lines={lines} here={here} other={other} />
          </>
        )}
      </section>
      {sides.map(
        ([side, result]) =>
          (result?.drift ?? []).length > 1 && (
            <section class="benchmark__part" key={side}>
              <h3 class="benchmark__heading">
                {words.driftTitle}
                {isPair && `: ${side}`}
              </h3>
              <DriftChart drift={result?.drift ?? []} />
            </section>
          ),
      )}
      {sides.map(
        ([side, result]) =>
          result !== null && (
            <details class="benchmark__details" key={side}>
              <summary>
                {words.facts}
                {isPair && `: ${side}`}
              </summary>
              <dl class="benchmark__facts">
                {describeFacts(result).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </details>
          ),
      )}
    </>
  );
}
