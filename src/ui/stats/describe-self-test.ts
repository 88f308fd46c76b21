import type { SelfTestResult } from '../../contract/stats.ts';
import { formatCount } from '../../lib/format.ts';
import { engineFacts as words } from '../words.ts';

export function describeSelfTest(result: SelfTestResult): string {
  const { largestErrorNats, toleranceNats, sameTokens, tokens } = result;
  const error = words.ofLimit(largestErrorNats.toPrecision(2), toleranceNats.toPrecision(2));
  return `${error}, ${words.sameTokens(formatCount(sameTokens), formatCount(tokens))}`;
}
