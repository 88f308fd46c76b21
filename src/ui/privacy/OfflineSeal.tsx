import { useApp } from '../app-context.ts';
import { openSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { page } from '../words.ts';
import './offline-seal.css';

/** Only there when all that a visit without a network needs was looked at and lies here. What that is, is a tap away. */
export function OfflineSeal() {
  const { offline } = useApp();
  if (offline.state.value.type !== 'ready') return null;
  return (
    <button
      class="offline-seal"
      type="button"
      aria-haspopup="dialog"
      onClick={() => (openSheet.value = 'privacy')}
    >
      <Icon name="check" />
      {page.offlineSeal}
    </button>
  );
}
