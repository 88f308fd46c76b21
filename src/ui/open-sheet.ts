import { signal } from '@preact/signals';

/** Which sheet lies over the page; at most one does. */
export const openSheet = signal<
  'none' | 'conversations' | 'models' | 'statistics' | 'settings' | 'privacy'
>('none');

export function closeSheet(): void {
  openSheet.value = 'none';
}
