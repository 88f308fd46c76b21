import { receipt } from '../../state/receipt.ts';
import { useApp, useFacts } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { saveFile } from '../parts/save-file.ts';
import { privacy as limits, receipts as words } from '../later-words.ts';
import './privacy.css';

/** All that the page shows of itself, as a file. */
export function Receipt() {
  const { privacy, offline } = useApp();
  const { base, isIsolated, versions } = useFacts();
  const save = () => {
    const date = new Date().toISOString();
    const text = receipt({
      date,
      address: base,
      browser: navigator.userAgent,
      isIsolated,
      versions,
      ledger: privacy.ledger.value,
      policies: privacy.policies.value,
      drill: privacy.drill.value,
      offline: offline.state.value,
      limits: limits.limits,
    });
    saveFile(words.fileName(date), 'application/json', text);
  };
  return (
    <section class="privacy__part">
      <button class="button privacy__button" type="button" onClick={save}>
        <Icon name="file" />
        {words.save}
      </button>
      <p class="privacy__hint">{words.hint}</p>
    </section>
  );
}
