import { signal } from '@preact/signals';

/** Which sheet lies over the page; at most one does. */
export const openSheet = signal<
  | 'none'
  | 'conversations'
  | 'models'
  | 'statistics'
  | 'settings'
  | 'privacy'
  | 'benchmark'
  | 'writing'
>('none');

/** A link that brings a benchmark's result opens it; `state/benchmark/result-link.ts` has the whole of its form. */
function openByAddress(): void {
  if (location.hash.startsWith('#benchmark=')) openSheet.value = 'benchmark';
}

addEventListener('hashchange', openByAddress);
openByAddress();

export function closeSheet(): void {
  openSheet.value = 'none';
}
