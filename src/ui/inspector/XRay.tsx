import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { formatCount, formatDuration, formatFixed, formatShare as percent } from '../format.ts';
import type { Answer } from '../../state/messages.ts';
import type { Trace } from '../../state/traces.ts';
import { useApp } from '../app-context.ts';
import { showControls } from '../markdown/plain-text.ts';
import { xray as words } from '../later-words.ts';
import { chat } from '../words.ts';
import { Alternatives } from './Alternatives.tsx';
import { drawnWith, elapsedMs, quoted, surpriseLevel } from './token-figures.ts';
import { PromptView } from './PromptView.tsx';
import { TimeChart } from './TimeChart.tsx';
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

function Tokens({ answer, trace }: TokensProps) {
  const id = useId();
  const chosen = useSignal(0);
  const { tokens, prompt } = trace;
  const at = Math.min(chosen.value, tokens.length - 1);
  const token = tokens[at];
  const go = (index: number) => {
    chosen.value = Math.max(0, Math.min(tokens.length - 1, index));
    document.getElementById(`${id}-${chosen.value}`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(step(at, tokens.length));
  };
  return (
    <div class="xray">
      <p class="xray__hint">{words.hint}</p>
      <div
        class="xray__tokens"
        role="listbox"
        tabIndex={0}
        aria-label={words.tokens}
        aria-activedescendant={`${id}-${at}`}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const index = (event.target as HTMLElement).dataset['index'];
          if (index !== undefined) go(Number(index));
        }}
      >
        {tokens.map((one, index) => (
          <span
            key={index}
            id={`${id}-${index}`}
            class={`xray__token xray__token--${surpriseLevel(one)}`}
            role="option"
            aria-selected={index === at}
            data-index={index}
          >
            {visible(one.text)}
          </span>
        ))}
      </div>
      {token !== undefined && (
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
      )}
      <TimeChart tokens={tokens} />
      <TokenTable tokens={tokens} />
      {prompt !== null && <PromptView prompt={prompt} />}
    </div>
  );
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 10,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 10,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

function visible(text: string): string {
  return showControls(text).replaceAll('\n', '⏎\n') || '·';
}
