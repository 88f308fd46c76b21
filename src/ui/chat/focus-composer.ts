export const COMPOSER_ID = 'composer';

/** Puts the caret into the question field, wherever the focus was. */
export function focusComposer(): void {
  document.getElementById(COMPOSER_ID)?.focus();
}
