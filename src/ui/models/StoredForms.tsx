import type { StoredModel } from '../../contract/model.ts';
import { formatBytes } from '../../lib/format.ts';
import { useApp } from '../app-context.ts';
import { models as words } from '../words.ts';
import './model-choices.css';

/** The forms of the model in use that do not run now: each takes room, and is built again when it is needed. */
export function StoredForms({ model }: { readonly model: StoredModel }) {
  const { models, engine } = useApp();
  const state = engine.value;
  const isInUse = 'loaded' in state && state.model.id === model.id;
  const used = isInUse ? state.loaded.manifest.target : null;
  const idle = model.forms.filter(({ target }) => target !== used);
  if (!isInUse || idle.length === 0) return null;
  return (
    <ul class="model-choices__forms">
      {idle.map(({ target, totalBytes }) => (
        <li class="model-choices__form" key={target}>
          <span class="model-choices__hint">
            {words.preparedFor(words.forms[target], formatBytes(totalBytes))}
          </span>
          <button
            class="button button--quiet"
            type="button"
            aria-label={words.freeForm(words.forms[target], model.title)}
            onClick={() => void models.removeForm(model.id, target)}
          >
            {words.free}
          </button>
        </li>
      ))}
    </ul>
  );
}
