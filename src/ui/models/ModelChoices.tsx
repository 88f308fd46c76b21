import type { CatalogEntry } from '../../contract/store.ts';
import { formatBytes } from '../format.ts';
import type { ServedFile } from '../../state/dependencies.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { shelf } from '../later-words.ts';
import { joints, models as words } from '../words.ts';
import { AddAddress } from './AddAddress.tsx';
import { FitLine } from './FitLine.tsx';
import { modelTitle } from './model-title.ts';
import { OpenFile } from './OpenFile.tsx';
import { ResumeOffer } from './ResumeOffer.tsx';
import { RoomSection } from './RoomSection.tsx';
import { StoredRow } from './StoredRow.tsx';
import { UseOrOpen } from './UseOrOpen.tsx';
import './model-choices.css';

/** What lies here, and every way to come by more: to go on with, to get, beside the page, from an address, a file of one's own. */
export function ModelChoices() {
  const { models } = useApp();
  const listed = models.shelf.value;
  const stored = listed.type === 'listed' ? listed.models : [];
  const storedIds = new Set<string>(stored.map(({ id }) => id));
  const offers = models.catalog.filter(({ sha256 }) => !storedIds.has(sha256));
  const names = new Set(stored.map(({ fileName }) => fileName));
  const unfinished = models.arrival.value.type === 'preparing' ? [] : models.unfinished.list.value;
  const served = models.served.value.filter(({ fileName }) => !names.has(fileName));
  return (
    <div class="model-choices">
      <section class="model-choices__group">
        <h3 class="model-choices__heading">{shelf.stored}</h3>
        <ul class="model-choices__list">
          {stored.map((model) => (
            <StoredRow key={model.id} model={model} />
          ))}
          <GuideRow />
        </ul>
      </section>
      {unfinished.length > 0 && (
        <section class="model-choices__group">
          <h3 class="model-choices__heading">{shelf.unfinished}</h3>
          {unfinished.map((download) => (
            <ResumeOffer key={download.key} download={download} isCard={false} />
          ))}
        </section>
      )}
      {offers.map((entry) => (
        <Offer key={entry.key} entry={entry} />
      ))}
      {served.length > 0 && (
        <section class="model-choices__group">
          <h3 class="model-choices__heading">{shelf.served}</h3>
          <ul class="model-choices__list">
            {served.map((file) => (
              <ServedRow key={file.url} file={file} />
            ))}
          </ul>
        </section>
      )}
      <AddAddress />
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
      <p class="model-choices__hint">
        {shelf.provenance(new URL(url).host, licence)}
        {joints.gap}
        <FitLine entry={entry} />
      </p>
    </section>
  );
}

/** The model that comes with the page: it is always there, and cannot be deleted. */
function GuideRow() {
  const { models, engine } = useApp();
  const state = engine.value;
  const { entry } = models.guide;
  const title = modelTitle(entry.title);
  const isInUse = models.guide.answers.value && state.type !== 'failed';
  const open = () => {
    closeSheet();
    void models.openGuide();
  };
  return (
    <li class="model-choices__row">
      <div class="model-choices__what">
        <p class="model-choices__title">{title}</p>
        <p class="model-choices__hint">{shelf.comesWithPage(formatBytes(entry.totalBytes))}</p>
      </div>
      <div class="model-choices__actions">
        <UseOrOpen title={title} isInUse={isInUse} onOpen={open} />
      </div>
    </li>
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
