import { formatDuration } from '../format.ts';
import type { Answer } from '../../state/messages.ts';
import { Icon } from '../parts/Icon.tsx';
import { FigureList, type FigureEntry } from '../stats/FigureList.tsx';
import { withRateUnit, withTokenUnit } from '../stats/with-unit.ts';
import { figures } from '../words.ts';
import { describeAnswer } from './describe-answer.ts';
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

function figuresOf({ ending, seed, begunTokens }: Answer): readonly FigureEntry[] {
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
    ...(begunTokens > 0 ? [{ ...figures.begun, value: withTokenUnit(begunTokens) }] : []),
  ];
}
