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
  | 'keys'
>('none');

/** A link that brings a benchmark's result opens it; `state/benchmark/result-link.ts` has the whole of its form. */
function openByAddress(): void {
  if (location.hash.startsWith('#benchmark=')) openSheet.value = 'benchmark';
}

addEventListener('hashchange', openByAddress);
openByAddress();

let afterwards: (() => void) | null = null;

/** @param then gives the focus to something else than what had it before */
export function closeSheet(then: (() => void) | null = null): void {
  if (openSheet.peek() === 'none') then?.();
  else afterwards = then;
  openSheet.value = 'none';
}

/** To be called when the sheet has gone: before, nothing behind it can have the focus. */
export function giveFocusBack(): void {
  const then = afterwards;
  afterwards = null;
  then?.();
}
