import { unreachable } from '../../lib/assert.ts';
import type { AppState } from '../../state/app-state.ts';
import { focusComposer } from '../chat/focus-composer.ts';
import { findConversation } from '../conversations/find-conversation.ts';
import { closeSheet, openSheet } from '../open-sheet.ts';

/** What the list of keys does. */
export type KeyAction =
  | 'new'
  | 'find'
  | 'list'
  | 'xray'
  | 'copy'
  | 'models'
  | 'settings'
  | 'statistics'
  | 'benchmark'
  | 'privacy';

/** The letter of each while the list is open; elsewhere letters are left to fields, browsers and screen readers. */
export const LETTERS: Readonly<Record<KeyAction, string>> = {
  new: 'n',
  find: 'f',
  list: 'l',
  xray: 'x',
  copy: 'c',
  models: 'm',
  settings: 's',
  statistics: 't',
  benchmark: 'b',
  privacy: 'd',
};

export const ACTIONS = Object.keys(LETTERS) as readonly KeyAction[];

export function act(action: KeyAction, { conversation }: AppState): void {
  switch (action) {
    case 'new':
      conversation.startAnew();
      closeSheet(focusComposer);
      break;
    case 'find':
      findConversation();
      break;
    case 'list':
      openSheet.value = 'conversations';
      break;
    case 'xray':
    case 'copy':
      closeSheet(() => pressUnderLastAnswer(action));
      break;
    case 'models':
    case 'settings':
    case 'statistics':
    case 'benchmark':
    case 'privacy':
      openSheet.value = action;
      break;
    default:
      unreachable(action);
  }
}

/** Without an answer there is nothing to look into and nothing to copy. */
export function canDo(action: KeyAction, { conversation }: AppState): boolean {
  if (action !== 'xray' && action !== 'copy') return true;
  return conversation.messages.value.some(({ role }) => role === 'assistant');
}

/** The button itself, so that a key does what a tap does, and the focus is where one goes on. */
function pressUnderLastAnswer(icon: 'xray' | 'copy'): void {
  const names = icon === 'copy' ? ['copy', 'check'] : [icon];
  const places = names.map((name) => `.answer > .turn-actions > [data-icon=${name}]`).join();
  const button = [...document.querySelectorAll<HTMLElement>(places)].at(-1);
  button?.focus();
  button?.click();
}
