import { formatCount, formatDuration, formatRate } from '../format.ts';
import type { Answer } from '../../state/messages.ts';
import { answerLine as words } from '../words.ts';

/** The line as words, for eye and ear alike. What was not measured is left out rather than shown as a dash. */
export function describeAnswer({ ending, tokenIds, begunTokens }: Answer): string {
  const summary = ending.type === 'ended' ? ending.summary : null;
  const tokens = summary === null ? tokenIds.length : begunTokens + summary.newTokens;
  const parts: string[] = [];
  if (summary !== null && summary.decodeTokensPerSecond !== null) {
    parts.push(words.rate(formatRate(summary.decodeTokensPerSecond)));
  }
  if (summary !== null && summary.ttftMs !== null) {
    parts.push(words.firstToken(formatDuration(summary.ttftMs)));
  }
  parts.push(words.tokens(tokens));
  if (begunTokens > 0) parts.push(words.continued(formatCount(begunTokens)));
  parts.push(ending.type === 'ended' ? words.ended[ending.reason] : words.broken);
  return parts.join(' · ');
}
