import { useEffect } from 'preact/hooks';
import type { AppState } from '../../state/app-state.ts';
import { useApp } from '../app-context.ts';
import { focusComposer } from '../chat/focus-composer.ts';
import { keys as words } from '../later-words.ts';
import { openSheet } from '../open-sheet.ts';
import { announce } from '../speech/announced.ts';
import { act, ACTIONS, canDo, LETTERS } from './key-actions.ts';
import { isSingleKeyOn } from './single-key.ts';

/** The keys that count at any time: none is a letter, and none means something to a browser or a screen reader. And the letters of the list, while it is open. */
export function KeyPresses() {
  const app = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const press = event.isComposing ? null : PRESSES[openSheet.peek()]?.(event);
      if (press === null || press === undefined) return;
      event.preventDefault();
      press(app);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [app]);
  return null;
}

type Press = ((app: AppState) => void) | null;

/** Under other sheets none counts. */
const PRESSES: Readonly<Record<string, (event: KeyboardEvent) => Press>> = {
  none: pressInPage,
  keys: pressInList,
};

function pressInList({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): Press {
  const action = ACTIONS.find((one) => LETTERS[one] === key.toLowerCase());
  if (action === undefined || altKey || ctrlKey || metaKey) return null;
  return (app) => canDo(action, app) && act(action, app);
}

function pressInPage(event: KeyboardEvent): Press {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (ctrlKey && key === '/' && !altKey && !metaKey) return showKeys;
  // With a Chinese layout the same key writes another mark.
  const isAlone = !altKey && !ctrlKey && !metaKey && !isField(event.target);
  if (isAlone && isSingleKeyOn.peek() && (key === '?' || key === '？')) return showKeys;
  if (!altKey || ctrlKey || metaKey || (key !== 'PageUp' && key !== 'PageDown')) return null;
  const step = key === 'PageUp' ? -1 : 1;
  return shiftKey ? (app) => void toConversation(app, step) : () => toAnswer(step);
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox])'))
  );
}

function showKeys(): void {
  openSheet.value = 'keys';
}

/** The focus goes to the answer before or after the one that has it; behind the last one stands the field. */
function toAnswer(step: 1 | -1): void {
  const answers = [...document.querySelectorAll<HTMLElement>('article.answer')];
  const here = document.activeElement?.closest<HTMLElement>('article.answer') ?? null;
  const from = here === null ? answers.length : answers.indexOf(here);
  const next = answers[Math.max(0, from + step)];
  if (next === undefined) return focusComposer();
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'start' });
}

/** The list has the latest conversation first. */
async function toConversation({ library, conversation }: AppState, step: 1 | -1): Promise<void> {
  const list = library.list.peek() ?? [];
  const at = list.findIndex(({ id }) => id === conversation.id.peek());
  const next = list[at < 0 ? 0 : at + step];
  if (next === undefined) return;
  await library.open(next.id);
  focusComposer();
  announce(words.inConversation(next.title));
}
