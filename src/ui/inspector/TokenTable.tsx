import {
  formatCount,
  formatDuration,
  formatFixed,
  formatShare as percent,
  UNKNOWN,
} from '../format.ts';
import type { TracedToken } from '../../state/traces.ts';
import { statistics, xray as words } from '../later-words.ts';
import { Fold } from './Fold.tsx';
import { drawnWith, elapsedMs, quoted } from './token-figures.ts';

/** So many rows at most are made at once. */
const MOST_ROWS = 250;

/** The same for those who do not see colours or charts; made only while it is open, and of a long answer a part at a time. */
export function TokenTable({ tokens }: { readonly tokens: readonly TracedToken[] }) {
  const parts = [];
  for (let from = 0; from < tokens.length; from += MOST_ROWS) {
    const until = Math.min(tokens.length, from + MOST_ROWS);
    parts.push({ from, until, name: words.rows(formatCount(from + 1), formatCount(until)) });
  }
  return (
    <Fold name={statistics.asTable}>
      {parts.length === 1 ? (
        <Rows tokens={tokens} from={0} until={tokens.length} name={words.tokens} />
      ) : (
        parts.map((part) => (
          <Fold key={part.from} name={part.name}>
            <Rows tokens={tokens} {...part} />
          </Fold>
        ))
      )}
    </Fold>
  );
}

interface RowsProps {
  readonly tokens: readonly TracedToken[];
  readonly from: number;
  /** Without. */
  readonly until: number;
  readonly name: string;
}

function Rows({ tokens, from, until, name }: RowsProps) {
  return (
    <div class="xray__scroll" role="region" aria-label={name} tabIndex={0}>
      <table class="xray__table">
        <thead>
          <tr>
            {[
              words.number,
              words.token,
              words.before,
              words.after,
              words.entropy,
              words.time,
              words.second,
            ].map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tokens.slice(from, until).map((token, offset) => {
            const index = from + offset;
            const second = token.alternatives.find(({ id }) => id !== token.id);
            return (
              <tr key={index}>
                <td>{formatCount(index + 1)}</td>
                <th scope="row">{quoted(token.text)}</th>
                <td>{percent(token.before)}</td>
                <td>{percent(drawnWith(token))}</td>
                <td>{formatFixed(token.entropyNats, 2)}</td>
                <td>{formatDuration(elapsedMs(tokens, index))}</td>
                <td>
                  {second === undefined
                    ? UNKNOWN
                    : `${quoted(second.text)} ${percent(second.before)}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
