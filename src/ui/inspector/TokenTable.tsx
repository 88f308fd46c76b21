import { useSignal } from '@preact/signals';
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatShare as percent,
  UNKNOWN,
} from '../format.ts';
import type { TracedToken } from '../../state/traces.ts';
import { statistics, xray as words } from '../later-words.ts';
import { drawnWith, elapsedMs, quoted } from './token-figures.ts';

/** The same for those who do not see colours or charts; made only while it is open. */
export function TokenTable({ tokens }: { readonly tokens: readonly TracedToken[] }) {
  const isOpen = useSignal(false);
  return (
    <details class="xray__fold" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{statistics.asTable}</summary>
      {isOpen.value && (
        <div class="xray__scroll" role="region" aria-label={words.tokens} tabIndex={0}>
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
              {tokens.map((token, index) => {
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
      )}
    </details>
  );
}
