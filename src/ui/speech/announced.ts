import { signal } from '@preact/signals';

/** Said once to screen readers, when it is quiet: what a key did where no eye can tell. */
export const announced = signal<{ readonly text: string } | null>(null);

export function announce(text: string): void {
  announced.value = { text };
}
