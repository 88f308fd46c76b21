import { useApp } from '../app-context.ts';
import { conversations as words } from '../later-words.ts';
import './conversation-list.css';

/** What was deleted last, for as long as it can be had back: until the page is closed or another one is deleted. */
export function RemovedNotice() {
  const { library } = useApp();
  const removed = library.removed.value;
  return (
    <div role="status">
      {removed !== null && (
        <p class="conversation-list__removed">
          <span>{words.removed(removed.title)}</span>
          <button class="button" type="button" onClick={() => void library.undoRemove()}>
            {words.undo}
          </button>
        </p>
      )}
    </div>
  );
}
