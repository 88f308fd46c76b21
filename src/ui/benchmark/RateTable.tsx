import { formatDuration, formatRate, UNKNOWN } from '../format.ts';
import { spread } from '../../lib/spread.ts';
import type { BenchmarkResult } from '../../state/benchmark/result.ts';
import type { Line, Measure } from './compare.ts';
import { benchmark as words } from '../later-words.ts';
import { nameOf } from './name-of.ts';

interface RateTableProps {
  readonly lines: readonly Line[];
  readonly here: BenchmarkResult | null;
  readonly other: BenchmarkResult | null;
}

/** Every measurement with median, quartiles and number of samples; the other result beside it where there is one. */
export function RateTable({ lines, here, other }: RateTableProps) {
  const isPair = here !== null && other !== null;
  return (
    <table class="benchmark__table">
      <caption>{words.rate}</caption>
      <thead>
        <tr>
          <th scope="col">{words.measurement}</th>
          {here !== null && <th scope="col">{words.here}</th>}
          {other !== null && <th scope="col">{words.other}</th>}
          {isPair && <th scope="col">{words.ratio}</th>}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={`${line.kind} ${line.tokens} ${line.heat}`}>
            <th scope="row">{nameOf(line.kind, line.tokens, line.heat)}</th>
            {here !== null && <Cell measure={line.here} />}
            {other !== null && <Cell measure={line.other} />}
            {isPair && (
              <td class="benchmark__number">
                {line.here === null || line.other === null
                  ? UNKNOWN
                  : formatRate(line.here.median / line.other.median)}
              </td>
            )}
          </tr>
        ))}
        <tr>
          <th scope="row">{words.load}</th>
          {here !== null && <LoadCell result={here} />}
          {other !== null && <LoadCell result={other} />}
          {isPair && <td />}
        </tr>
      </tbody>
    </table>
  );
}

function Cell({ measure }: { readonly measure: Measure | null }) {
  if (measure === null) return <td class="benchmark__number">{UNKNOWN}</td>;
  const { median, p25, p75, samples } = measure;
  return (
    <td class="benchmark__number">
      {formatRate(median)}
      <span class="benchmark__spread">
        {words.quartiles(formatRate(p25), formatRate(p75), samples)}
      </span>
    </td>
  );
}

function LoadCell({ result: { loadMs } }: { readonly result: BenchmarkResult }) {
  const { median = null } = loadMs.length === 0 ? {} : spread(loadMs);
  return <td class="benchmark__number">{formatDuration(median)}</td>;
}
