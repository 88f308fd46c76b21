import { useComputed } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { chat as words } from '../words.ts';
import { Follower } from './follow.ts';
import './new-text-button.css';

/** Follows the answer while the reader is at its end; otherwise offers to go there. */
export function NewTextButton() {
  const { conversation } = useApp();
  const [follower] = useState(() => new Follower());
  // Before the first question the page is read from its top, however its cards and the window change.
  const hasTurns = useComputed(
    () => conversation.messages.value.length > 0 || conversation.live.value !== null,
  ).value;

  useEffect(() => {
    if (!hasTurns) return undefined;
    const stopFollowing = follower.start();
    const stopWatching = follower.watch(() => {
      void conversation.messages.value;
      void conversation.live.value?.text.value;
    });
    return () => {
      stopFollowing();
      stopWatching();
    };
  }, [follower, conversation, hasTurns]);

  // Whoever asks wants to see the answer, wherever the page was.
  const askedId = conversation.live.value?.id;
  useEffect(() => {
    if (askedId !== undefined) follower.toEnd();
  }, [follower, askedId]);

  if (!hasTurns || !follower.hasNewText.value) return null;
  return (
    <button class="button new-text-button" type="button" onClick={() => follower.toEnd()}>
      <Icon name="down" />
      {words.newText}
    </button>
  );
}
