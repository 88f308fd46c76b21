import { useComputed } from '@preact/signals';
import { formatCount } from '../format.ts';
import type { LiveReply, ReplyStage } from '../../state/conversation.ts';
import { useApp } from '../app-context.ts';
import { TokenRate } from '../stats/TokenRate.tsx';
import { chat as words } from '../words.ts';
import './answer.css';

/** How far the answer is that is being written, and how fast it comes. */
export function LiveState({ reply }: { readonly reply: LiveReply }) {
  const { speedometer } = useApp();
  return (
    <>
      <Stage reply={reply} />
      <TokenRate perSecond={speedometer.perSecond} />
    </>
  );
}

function Stage({ reply }: { readonly reply: LiveReply }) {
  const text = useComputed(() =>
    reply.isStopping.value ? words.stopping : describe(reply.stage.value),
  );
  return text.value === null ? null : <p class="answer__stage">{text}</p>;
}

function describe(stage: ReplyStage): string | null {
  if (stage.type === 'writing') return null;
  if (stage.type === 'checking') return words.checking;
  if (stage.type === 'waking') return words.waking;
  if (stage.prompt === null) return words.reading;
  const { doneTokens, promptTokens } = stage.prompt;
  return words.readingTokens(formatCount(doneTokens), formatCount(promptTokens));
}
