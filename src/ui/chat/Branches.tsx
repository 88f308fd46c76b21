import type { Message } from '../../state/messages.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { chat as words } from '../words.ts';
import './turn-actions.css';

/** Which of several that were said in the same place is on screen, and the way to the others. Nothing for an only one. */
export function Branches({ message }: { readonly message: Message }) {
  const { conversation } = useApp();
  const { at, of, previousId, nextId } = conversation.placeOf(message);
  const isAnswering = conversation.live.value !== null;
  if (of < 2) return null;
  const step = (name: 'previous' | 'next', id: typeof nextId) => (
    <button
      class="turn-actions__button"
      type="button"
      aria-label={words[name]}
      title={words[name]}
      aria-disabled={id === null || isAnswering}
      onClick={() => id !== null && conversation.turnTo(id)}
    >
      <Icon name={name} />
    </button>
  );
  return (
    <span class="turn-actions__branches" role="group" aria-label={words.branches}>
      {step('previous', previousId)}
      <span class="turn-actions__place">{words.place(at, of)}</span>
      {step('next', nextId)}
    </span>
  );
}
