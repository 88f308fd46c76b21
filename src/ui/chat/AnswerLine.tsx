import { formatCount, formatDuration, formatRate } from '../../lib/format.ts';
import type { Answer } from '../../state/messages.ts';
import { Icon } from '../parts/Icon.tsx';
import { FigureList, type FigureEntry } from '../stats/FigureList.tsx';
import { withRateUnit, withTokenUnit } from '../stats/with-unit.ts';
import { answerLine as words, figures } from '../words.ts';
import './answer.css';

/** One quiet line of numbers; opened, each with its definition. */
export function AnswerLine({ answer }: { readonly answer: Answer }) {
  const line = describeAnswer(answer);
  const entries = figuresOf(answer);
  return (
    <details class="answer__line">
      <summary class="answer__summary">
        <span>{line}</span>
        <Icon name="chevron" />
      </summary>
      <div class="answer__figures">
        <FigureList entries={entries} />
      </div>
    </details>
  );
}

/** The line as words, for eye and ear alike. What was not measured is left out rather than shown as a dash. */
export function describeAnswer({ ending, tokenIds }: Answer): string {
  const summary = ending.type === 'ended' ? ending.summary : null;
  const parts: string[] = [];
  if (summary !== null && summary.decodeTokensPerSecond !== null) {
    parts.push(words.rate(formatRate(summary.decodeTokensPerSecond)));
  }
  if (summary !== null && summary.ttftMs !== null) {
    parts.push(words.firstToken(formatDuration(summary.ttftMs)));
  }
  parts.push(words.tokens(formatCount(summary?.newTokens ?? tokenIds.length)));
  parts.push(ending.type === 'ended' ? words.ended[ending.reason] : words.broken);
  return parts.join(' · ');
}

function figuresOf({ ending, seed }: Answer): readonly FigureEntry[] {
  const summary = ending.type === 'ended' ? ending.summary : null;
  return [
    { ...figures.ttft, value: formatDuration(summary?.ttftMs ?? null) },
    { ...figures.prefill, value: withRateUnit(summary?.prefillTokensPerSecond ?? null) },
    { ...figures.decode, value: withRateUnit(summary?.decodeTokensPerSecond ?? null) },
    { ...figures.tokensIn, value: withTokenUnit(summary?.promptTokens ?? null) },
    { ...figures.reused, value: withTokenUnit(summary?.reusedTokens ?? null) },
    { ...figures.tokensOut, value: withTokenUnit(summary?.newTokens ?? null) },
    { ...figures.total, value: formatDuration(summary?.totalMs ?? null) },
    { ...figures.seed, value: String(seed) },
  ];
}
