import { signal } from '@preact/signals';
import { closeSheet, openSheet } from '../open-sheet.ts';

/** Whether the sheet of conversations opens with the focus in its search field. */
export const isSearchWanted = signal(false);

/** Puts the caret into the search field: of the column where there is one, else of the sheet. */
export function findConversation(): void {
  const field = document.querySelector<HTMLElement>('.app__conversations input[type=search]');
  if (field !== null && field.getClientRects().length > 0) {
    closeSheet(() => field.focus());
  } else {
    isSearchWanted.value = true;
    openSheet.value = 'conversations';
  }
}
