import type { CatalogEntry } from '../../contract/store.ts';
import { formatBytes } from '../format.ts';
import { useApp } from '../app-context.ts';
import { openSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { joints, models as words } from '../words.ts';
import { FitLine } from './FitLine.tsx';
import './model-offer.css';

interface ModelOfferProps {
  readonly entry: CatalogEntry;
  /** One line, for beside a conversation. */
  readonly isBrief: boolean;
}

/** What a real model would bring and what it takes. One button. */
export function ModelOffer({ entry, isBrief }: ModelOfferProps) {
  const { models } = useApp();
  const { title, totalBytes } = entry;
  const get = (
    <button
      class={isBrief ? 'button' : 'button button--primary'}
      type="button"
      aria-label={words.getTitle(title)}
      onClick={() => void models.get(entry)}
    >
      <Icon name="download" />
      {words.get}
    </button>
  );
  if (isBrief) {
    return (
      <section class="model-offer model-offer--brief" aria-label={words.offerLabel}>
        <div class="model-offer__what">
          <p class="model-offer__title">{title}</p>
          <p class="model-offer__once">{words.offer(formatBytes(totalBytes))}</p>
        </div>
        {get}
      </section>
    );
  }
  return (
    <section class="card model-offer" aria-label={words.offerLabel}>
      <div class="model-offer__words">
        <h2 class="card__title">{title}</h2>
        <p class="model-offer__line">{words.brings}</p>
        <p class="model-offer__line">
          {words.offerSentence(formatBytes(totalBytes))}
          {joints.gap}
          <FitLine entry={entry} />
        </p>
      </div>
      <div class="card__foot">
        {get}
        <button
          class="model-offer__more"
          type="button"
          onClick={() => (openSheet.value = 'models')}
        >
          {words.others}
        </button>
      </div>
    </section>
  );
}
