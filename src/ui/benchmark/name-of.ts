import type { Series } from '../../state/benchmark/result.ts';
import { formatCount } from '../format.ts';
import { benchmark as words } from '../later-words.ts';
import { joints } from '../words.ts';

/** What a measurement is called: `Prefill 512, warm`. */
export function nameOf(kind: Series['kind'], tokens: number, heat: Series['heat']): string {
  const what = words.length(words.kinds[kind], formatCount(tokens));
  return what + joints.list + words.heats[heat];
}
