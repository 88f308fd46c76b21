import { useApp } from './app-context.ts';
import { Notice } from './parts/Notice.tsx';
import { page } from './words.ts';

/** A newer version waits for the person: nothing reloads under an answer. */
export function UpdateNotice() {
  const { update, conversation } = useApp();
  const apply = update.value;
  if (apply === null || conversation.live.value !== null) return null;
  return (
    <Notice tone="attention" text={page.update}>
      <button class="button" type="button" onClick={apply}>
        {page.applyUpdate}
      </button>
    </Notice>
  );
}
