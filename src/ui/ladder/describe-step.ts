import { leavesGpu, type StepDown } from '../../state/ladder-store.ts';
import { rungs as words } from '../words.ts';

/**
 * A way down in one sentence or two: what was given up first and why, and where the model runs in the end. What lies
 * between is told in the settings. Null for no way.
 */
export function describeWay(steps: readonly StepDown[]): string | null {
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return null;
  const from = words.places[first.from];
  const to = words.places[last.to];
  const reason = words.reason(first.code);
  switch (first.during) {
    case 'loading':
      return words.gaveUp(from, reason, to);
    case 'answering':
      return words.gaveUpInAnswer(from, reason, to);
    case 'preparing':
      return words.notPrepared(leavesGpu(first) ? words.gpu : from, reason, to);
    case 'last-visit':
      return words.diedLastTime(from, to);
    default:
      return first.during satisfies never;
  }
}
