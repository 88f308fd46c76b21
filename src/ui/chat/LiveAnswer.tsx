import { useComputed } from '@preact/signals';
import { formatCount } from '../format.ts';
import type { LiveReply, ReplyStage } from '../../state/conversation.ts';
import { useApp } from '../app-context.ts';
import { LiveMarkdown } from '../markdown/Markdown.tsx';
import { TokenRate } from '../stats/TokenRate.tsx';
import { chat as words, NAME } from '../words.ts';
import './answer.css';

/** The answer that is being written. Only what more text can still change is made anew. */
export function LiveAnswer({ reply }: { readonly reply: LiveReply }) {
  const { speedometer } = useApp();
  return (
    <article class="answer" aria-busy="true">
      <h2 class="visually-hidden">{NAME}</h2>
      <LiveMarkdown text={reply.text} />
      <Stage reply={reply} />
      <TokenRate perSecond={speedometer.perSecond} />
    </article>
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
  if (stage.type === 'waking') return words.waking;
  if (stage.prompt === null) return words.reading;
  const { doneTokens, promptTokens } = stage.prompt;
  return words.readingTokens(formatCount(doneTokens), formatCount(promptTokens));
}
