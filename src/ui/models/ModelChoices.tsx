import { useSignal } from '@preact/signals';
import type { StoredModel } from '../../contract/model.ts';
import type { CatalogEntry } from '../../contract/store.ts';
import { formatBytes } from '../../lib/format.ts';
import type { ServedFile } from '../../state/dependencies.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { models as words } from '../words.ts';
import { OpenFile } from './OpenFile.tsx';
import { RoomSection } from './RoomSection.tsx';
import { StoredForms } from './StoredForms.tsx';
import './model-choices.css';

/** Every way to come by a model: those that are here, those to get, files beside the page, a file of one's own. */
export function ModelChoices() {
  const { models } = useApp();
  const shelf = models.shelf.value;
  const stored = shelf.type === 'listed' ? shelf.models : [];
  const storedIds = new Set<string>(stored.map(({ id }) => id));
  const offers = models.catalog.filter(({ sha256 }) => !storedIds.has(sha256));
  const names = new Set(stored.map(({ fileName }) => fileName));
  const served = models.served.value.filter(({ fileName }) => !names.has(fileName));
  return (
    <div class="model-choices">
      <section class="model-choices__group">
        <h3 class="model-choices__heading">{words.stored}</h3>
        <ul class="model-choices__list">
          {stored.map((model) => (
            <StoredRow key={model.id} model={model} />
          ))}
          <GuideRow />
        </ul>
      </section>
      {offers.map((entry) => (
        <Offer key={entry.key} entry={entry} />
      ))}
      {served.length > 0 && (
        <section class="model-choices__group">
          <h3 class="model-choices__heading">{words.served}</h3>
          <ul class="model-choices__list">
            {served.map((file) => (
              <ServedRow key={file.url} file={file} />
            ))}
          </ul>
        </section>
      )}
      <OpenFile />
      <RoomSection />
    </div>
  );
}

function Offer({ entry }: { readonly entry: CatalogEntry }) {
  const { models } = useApp();
  const { title, totalBytes, url, licence } = entry;
  const get = () => {
    closeSheet();
    void models.get(entry);
  };
  return (
    <section class="model-choices__group">
      <div class="model-choices__offer">
        <div class="model-choices__what">
          <h3 class="model-choices__title">{title}</h3>
          <p class="model-choices__size">{words.offer(formatBytes(totalBytes))}</p>
        </div>
        <button
          class="button button--primary"
          type="button"
          aria-label={words.getTitle(title)}
          disabled={models.arrival.value.type === 'preparing'}
          onClick={get}
        >
          <Icon name="download" />
          {words.get}
        </button>
      </div>
      <p class="model-choices__hint">{words.provenance(new URL(url).host, licence)}</p>
    </section>
  );
}

function StoredRow({ model }: { readonly model: StoredModel }) {
  const { models, engine } = useApp();
  const isAsking = useSignal(false);
  const state = engine.value;
  const isInUse = state.type !== 'idle' && state.type !== 'failed' && state.model.id === model.id;
  const formBytes = model.forms.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const bytes = formatBytes(model.sourceBytes + formBytes);
  const facts = [bytes, model.trust === 'published' ? words.published : words.recorded];
  if (model.forms.length === 0) facts.push(words.mustPrepare);
  const open = () => {
    closeSheet();
    void models.open(model);
  };
  return (
    <li class="model-choices__row">
      <div class="model-choices__what">
        <p class="model-choices__title">{model.title}</p>
        <p class="model-choices__hint">{facts.join(' · ')}</p>
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
            aria-label={words.removeTitle(model.title)}
            onClick={() => (isAsking.value = true)}
          >
            {words.remove}
          </button>
        </div>
      )}
      <StoredForms model={model} />
    </li>
  );
}

/** The model that comes with the page: it is always there, and cannot be deleted. */
function GuideRow() {
  const { models, engine } = useApp();
  const state = engine.value;
  const { title, totalBytes } = models.guide.entry;
  const isInUse = models.guide.answers.value && state.type !== 'failed';
  const open = () => {
    closeSheet();
    void models.openGuide();
  };
  return (
    <li class="model-choices__row">
      <div class="model-choices__what">
        <p class="model-choices__title">{title}</p>
        <p class="model-choices__hint">{words.comesWithPage(formatBytes(totalBytes))}</p>
      </div>
      <div class="model-choices__actions">
        <UseOrOpen title={title} isInUse={isInUse} onOpen={open} />
      </div>
    </li>
  );
}

interface UseOrOpenProps {
  readonly title: string;
  readonly isInUse: boolean;
  readonly onOpen: () => void;
}

function UseOrOpen({ title, isInUse, onOpen }: UseOrOpenProps) {
  if (isInUse) {
    return (
      <span class="model-choices__in-use">
        <Icon name="check" />
        {words.inUse}
      </span>
    );
  }
  return (
    <button class="button" type="button" aria-label={words.openTitle(title)} onClick={onOpen}>
      {words.open}
    </button>
  );
}

function ServedRow({ file }: { readonly file: ServedFile }) {
  const { models } = useApp();
  const open = () => {
    closeSheet();
    void models.openServed(file);
  };
  return (
    <li class="model-choices__row">
      <div class="model-choices__what">
        <p class="model-choices__title">{file.fileName}</p>
        {file.totalBytes !== null && (
          <p class="model-choices__hint">{formatBytes(file.totalBytes)}</p>
        )}
      </div>
      <div class="model-choices__actions">
        <button
          class="button"
          type="button"
          aria-label={words.openTitle(file.fileName)}
          disabled={models.arrival.value.type === 'preparing'}
          onClick={open}
        >
          {words.open}
        </button>
      </div>
    </li>
  );
}
