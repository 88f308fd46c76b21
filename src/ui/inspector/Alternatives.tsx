import type { Answer } from '../../state/messages.ts';
import type { Trace } from '../../state/traces.ts';
import { formatShare as percent } from '../format.ts';
import { useApp } from '../app-context.ts';
import { xray as words } from '../later-words.ts';
import { quoted } from './token-figures.ts';

interface AlternativesProps {
  readonly answer: Answer;
  readonly trace: Trace;
  readonly index: number;
}

/** What might have stood in one place, as bars: what the model expected, and what the settings left of it. */
export function Alternatives({ answer, trace, index }: AlternativesProps) {
  const { conversation } = useApp();
  const token = trace.tokens[index];
  if (token === undefined) return null;
  const canFork = conversation.canAsk.value && conversation.isWriter(answer);
  return (
    <ol class="xray__alternatives" aria-label={words.alternatives}>
      {token.alternatives.map((other) => {
        const isChosen = other.id === token.id;
        return (
          <li class={isChosen ? 'xray__other xray__other--chosen' : 'xray__other'} key={other.id}>
            <code class="xray__text">{quoted(other.text)}</code>
            <svg
              class="xray__bar"
              viewBox="0 0 100 10"
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              <rect class="xray__before" width={other.before * 100} height="10" />
              <rect class="xray__after" y="7" width={other.after * 100} height="3" />
            </svg>
            <span class="xray__figures">
              {percent(other.before)} <span aria-hidden="true">→</span>{' '}
              <span class="visually-hidden">{words.followedBy}</span> {percent(other.after)}
            </span>
            {isChosen ? (
              <span class="xray__chosen">{words.chosen}</span>
            ) : (
              <button
                class="button button--quiet xray__fork"
                type="button"
                disabled={!canFork || other.isControl}
                aria-label={words.fork(quoted(other.text))}
                onClick={() => void conversation.fork(answer, trace, index, other)}
              >
                {words.goOn}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}
