import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatCount, formatDuration, formatFixed, formatShare as percent } from '../format.ts';
import type { Answer } from '../../state/messages.ts';
import type { Trace } from '../../state/traces.ts';
import { useApp } from '../app-context.ts';
import { xray as words } from '../later-words.ts';
import { chat } from '../words.ts';
import { Alternatives } from './Alternatives.tsx';
import { drawnWith, elapsedMs, quoted } from './token-figures.ts';
import { PromptView } from './PromptView.tsx';
import { TimeChart } from './TimeChart.tsx';
import { TokenList } from './TokenList.tsx';
import { TokenTable } from './TokenTable.tsx';
import './xray.css';

/** An answer as the tokens it was written in: how sure the model was of each, and what else it might have said. */
export function XRay({ answer }: { readonly answer: Answer }) {
  const { traces } = useApp();
  const trace = useSignal<Trace | null | 'looking'>('looking');
  useEffect(() => {
    let isWanted = true;
    void traces.read(answer.id).then((found) => isWanted && (trace.value = found));
    return () => {
      isWanted = false;
    };
  }, [answer.id, traces, trace]);
  if (trace.value === 'looking') return <p class="answer__stage">{chat.looking}</p>;
  if (trace.value === null || trace.value.tokens.length === 0) {
    return <p class="answer__stage">{words.none}</p>;
  }
  return <Tokens answer={answer} trace={trace.value} />;
}

interface TokensProps {
  readonly answer: Answer;
  readonly trace: Trace;
}

/** Which token is chosen is told by a signal: that changes with each press of a key, and most of what is here does not. */
function Tokens({ answer, trace }: TokensProps) {
  const chosen = useSignal(0);
  const { tokens, prompt } = trace;
  return (
    <div class="xray">
      <p class="xray__hint">{words.hint}</p>
      <TokenList tokens={tokens} chosen={chosen} onChoose={(index) => (chosen.value = index)} />
      <Detail answer={answer} trace={trace} chosen={chosen} />
      <TimeChart tokens={tokens} />
      <TokenTable tokens={tokens} />
      {prompt !== null && <PromptView prompt={prompt} />}
    </div>
  );
}

interface DetailProps extends TokensProps {
  readonly chosen: ReadonlySignal<number>;
}

function Detail({ answer, trace, chosen }: DetailProps) {
  const { tokens } = trace;
  const at = Math.min(chosen.value, tokens.length - 1);
  const token = tokens[at];
  if (token === undefined) return null;
  return (
    <section class="xray__detail" aria-label={words.detail}>
      <h3 class="xray__heading">
        {words.nth(formatCount(at + 1), formatCount(tokens.length))}{' '}
        <code>{quoted(token.text)}</code>
      </h3>
      <dl class="xray__facts">
        <div>
          <dt>{words.before}</dt>
          <dd>{percent(token.before)}</dd>
        </div>
        <div>
          <dt>{words.after}</dt>
          <dd>{percent(drawnWith(token))}</dd>
        </div>
        <div>
          <dt>{words.entropy}</dt>
          <dd>{words.nats(formatFixed(token.entropyNats, 2))}</dd>
        </div>
        <div>
          <dt>{words.time}</dt>
          <dd>{formatDuration(elapsedMs(tokens, at))}</dd>
        </div>
      </dl>
      <Alternatives answer={answer} trace={trace} index={at} />
    </section>
  );
}
