import type { StoredModel } from '../../contract/model.ts';
import { formatBytes } from '../format.ts';
import { useApp } from '../app-context.ts';
import { shelf as words } from '../later-words.ts';
import { models as modelWords } from '../words.ts';
import './model-choices.css';

/** What a model is prepared for. Each form takes room and is built again when it is needed; the one that runs stays. */
export function StoredForms({ model }: { readonly model: StoredModel }) {
  const { models, engine } = useApp();
  const state = engine.value;
  const isInUse = 'loaded' in state && state.model.id === model.id;
  const used = isInUse ? state.loaded.manifest.target : null;
  if (model.forms.length === 0) return null;
  return (
    <ul class="model-choices__forms">
      {model.forms.map(({ target, totalBytes, isFromPack }) => (
        <li class="model-choices__form" key={target}>
          <span class="model-choices__hint">
            {words.preparedFor(words.forms[target], formatBytes(totalBytes))}
            {isFromPack === true && words.elsewhere}
          </span>
          {target === used ? (
            <span class="model-choices__hint">{modelWords.inUse}</span>
          ) : (
            <button
              class="button button--quiet"
              type="button"
              aria-label={words.freeForm(words.forms[target], model.title)}
              onClick={() => void models.removeForm(model.id, target)}
            >
              {words.free}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
