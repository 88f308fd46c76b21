import { useSignal } from '@preact/signals';
import type { ModelOrigin, StoredModel } from '../../contract/model.ts';
import { unreachable } from '../../lib/assert.ts';
import { formatBytes, formatDate } from '../format.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { shelf } from '../later-words.ts';
import { models as words } from '../words.ts';
import { StoredDetails } from './StoredDetails.tsx';
import { Upkeep } from './Upkeep.tsx';
import { UseOrOpen } from './UseOrOpen.tsx';
import './model-choices.css';

/** A model on this device: how big, from where, whether it is what it should be, and what can be done with it. */
export function StoredRow({ model }: { readonly model: StoredModel }) {
  const { models, engine } = useApp();
  const isAsking = useSignal(false);
  const state = engine.value;
  const isInUse = state.type !== 'idle' && state.type !== 'failed' && state.model.id === model.id;
  const formBytes = model.forms.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const bytes = formatBytes(model.sourceBytes + formBytes);
  const facts = [bytes, originOf(model.origin), shelf.trust[model.trust]];
  if (model.forms.length === 0) facts.push(shelf.mustPrepare);
  const open = () => {
    closeSheet();
    void models.open(model);
  };
  return (
    <li class="model-choices__row">
      <div class="model-choices__what">
        <p class="model-choices__title">{model.title}</p>
      </div>
      {isAsking.value ? (
        <div class="model-choices__actions">
          <button
            class="button button--danger"
            type="button"
            onClick={() => void models.remove(model.id)}
          >
            {words.removeQuestion(bytes)}
          </button>
          <button class="button" type="button" onClick={() => (isAsking.value = false)}>
            {words.keep}
          </button>
        </div>
      ) : (
        <div class="model-choices__actions">
          <UseOrOpen title={model.title} isInUse={isInUse} onOpen={open} />
          <button
            class="button button--quiet"
            type="button"
            aria-label={shelf.removeTitle(model.title)}
            onClick={() => (isAsking.value = true)}
          >
            {words.remove}
          </button>
        </div>
      )}
      <div class="model-choices__facts">
        <p class="model-choices__hint">{facts.join(' · ')}</p>
        <p class="model-choices__hint">{shelf.verified(formatDate(model.verifiedAt))}</p>
      </div>
      <StoredDetails model={model} />
      <Upkeep model={model} />
    </li>
  );
}

function originOf(origin: ModelOrigin): string {
  switch (origin.type) {
    case 'download':
      return shelf.fromHost(new URL(origin.url).host);
    case 'served':
      return shelf.fromSite;
    case 'file':
      return shelf.fromFile;
    case 'guide':
      return shelf.withPage;
    default:
      return unreachable(origin);
  }
}
