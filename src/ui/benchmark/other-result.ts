import { signal } from '@preact/signals';
import { MOST_FILE_BYTES, parseResult } from '../../state/benchmark/read-result.ts';
import { fromFragment, isResultFragment } from '../../state/benchmark/result-link.ts';
import type { BenchmarkResult } from '../../state/benchmark/result.ts';

/** A result that somebody else made, to be shown beside one's own. */
export type OtherResult =
  | { readonly type: 'none' }
  | { readonly type: 'unreadable' }
  | { readonly type: 'there'; readonly result: BenchmarkResult };

export const otherResult = signal<OtherResult>({ type: 'none' });

/** Takes the one that the page's address holds, if it holds one. */
export function takeFromAddress(): void {
  if (isResultFragment(location.hash)) put(fromFragment(location.hash));
}

export async function takeFromFile(file: File): Promise<void> {
  put(file.size > MOST_FILE_BYTES ? null : parseResult(await file.text().catch(() => '')));
}

/** Out of the address too, so that the page does not open with it again. */
export function putAway(): void {
  otherResult.value = { type: 'none' };
  if (isResultFragment(location.hash)) {
    history.replaceState(null, '', location.pathname + location.search);
  }
}

function put(result: BenchmarkResult | null): void {
  otherResult.value = result === null ? { type: 'unreadable' } : { type: 'there', result };
}
