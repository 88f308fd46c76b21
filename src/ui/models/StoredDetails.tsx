import type { StoredModel } from '../../contract/model.ts';
import { useApp } from '../app-context.ts';
import { shelf as words } from '../later-words.ts';
import { StoredForms } from './StoredForms.tsx';
import './model-choices.css';
import './stored-details.css';

/** Of a model on this device, what one seldom needs: its hash, its compiled forms, and checking it again. */
export function StoredDetails({ model }: { readonly model: StoredModel }) {
  const { models } = useApp();
  const { id, title, fileName } = model;
  const isBusy = models.upkeep.current.value.type === 'running';
  return (
    <details class="stored-details">
      <summary class="stored-details__summary" aria-label={words.detailsTitle(title)}>
        {words.details}
      </summary>
      <dl class="stored-details__facts">
        <dt>{words.file}</dt>
        <dd>{fileName}</dd>
        <dt>{words.hash}</dt>
        <dd class="stored-details__hash">{id}</dd>
      </dl>
      <StoredForms model={model} />
      <div class="stored-details__actions">
        <button
          class="button"
          type="button"
          aria-label={words.checkTitle(title)}
          disabled={isBusy}
          onClick={() => void models.upkeep.check(id)}
        >
          {words.check}
        </button>
        <button
          class="button"
          type="button"
          aria-label={words.exportSourceTitle(title)}
          disabled={isBusy}
          onClick={() => void models.upkeep.export(id, 'source')}
        >
          {words.exportSource}
        </button>
        {model.forms.length > 0 && (
          <button
            class="button"
            type="button"
            aria-label={words.exportPackTitle(title)}
            disabled={isBusy}
            onClick={() => void models.upkeep.export(id, 'pack')}
          >
            {words.exportPack}
          </button>
        )}
      </div>
      <p class="model-choices__hint">{words.exportHint}</p>
    </details>
  );
}
