import { formatCount, formatRate, UNKNOWN } from '../format.ts';
import { units as words } from '../words.ts';

/** `14.2 tok/s` */
export function withRateUnit(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? UNKNOWN : `${formatRate(tokensPerSecond)} ${words.perSecond}`;
}

/** `1,204 tok` */
export function withTokenUnit(tokens: number | null): string {
  return tokens === null ? UNKNOWN : words.tokens(formatCount(tokens));
}
