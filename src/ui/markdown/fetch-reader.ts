import { signal } from '@preact/signals';

/** The part that reads Markdown; null until it has come, and where it does not come. Until then texts are shown as they are. */
export const reader = signal<typeof import('./reader.ts') | null>(null);
let isComing = false;

/** Fetches the reader unless it is there or on its way. The page does so before the first answer, while it has a network. */
export function fetchReader(): void {
  if (isComing) return;
  isComing = true;
  import('./reader.ts').then(
    (module) => (reader.value = module),
    () => (isComing = false), // offline before it was kept: the next text asks again
  );
}
