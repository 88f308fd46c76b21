import type { SelfTestResult } from '../../contract/stats.ts';
import { formatCount } from '../format.ts';
import { engineFacts as words } from '../later-words.ts';
import { joints } from '../words.ts';

export function describeSelfTest(result: SelfTestResult): string {
  const { largestErrorNats, toleranceNats, sameTokens, tokens } = result;
  const error = words.ofLimit(largestErrorNats.toPrecision(2), toleranceNats.toPrecision(2));
  const same = words.sameTokens(formatCount(sameTokens), formatCount(tokens));
  return [error, same].join(joints.list);
}
