import { useSignal } from '@preact/signals';
import type { UnfinishedDownload } from '../../contract/download.ts';
import { formatBytes, formatBytesOf } from '../format.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { models as words } from '../words.ts';
import { failureText } from '../failure-text.ts';
import './resume-offer.css';

interface ResumeOfferProps {
  readonly download: UnfinishedDownload;
  /** As a card of its own, outside of a list. */
  readonly isCard: boolean;
}

/** A download that was paused, or cut off with the page: what came is here, and the rest can follow. */
export function ResumeOffer({ download, isCard }: ResumeOfferProps) {
  const { models } = useApp();
  const isAsking = useSignal(false);
  const { key, file, doneBytes, totalBytes } = download;
  const here = words.partHere(formatBytesOf(doneBytes, totalBytes));
  const failure = models.unfinished.failure.value;
  const resume = () => {
    closeSheet();
    void models.resume(download);
  };
  const isBusy = models.arrival.value.type === 'preparing';
  return (
    <section
      class={isCard ? 'card resume-offer' : 'resume-offer'}
      aria-label={words.unfinishedTitle(file.title)}
    >
      <div class="resume-offer__what">
        <p class="resume-offer__title">{file.title}</p>
        <p class="resume-offer__here">{here}</p>
        {failure !== null && (
          <p class="resume-offer__wrong" role="alert">
            {failureText(failure)}
          </p>
        )}
      </div>
      <div class="resume-offer__actions">
        {isAsking.value ? (
          <>
            <button
              class="button button--danger"
              type="button"
              onClick={() => {
                isAsking.value = false;
                void models.unfinished.discard(key);
              }}
            >
              {words.removeQuestion(formatBytes(doneBytes))}
            </button>
            <button class="button" type="button" onClick={() => (isAsking.value = false)}>
              {words.keep}
            </button>
          </>
        ) : (
          <>
            <button
              class={isCard ? 'button button--primary' : 'button'}
              type="button"
              aria-label={words.resumeTitle(file.title)}
              disabled={isBusy}
              onClick={resume}
            >
              <Icon name="download" />
              {words.resume}
            </button>
            <button
              class="button button--quiet"
              type="button"
              aria-label={words.discardTitle(file.title)}
              onClick={() => (isAsking.value = true)}
            >
              {words.remove}
            </button>
          </>
        )}
      </div>
    </section>
  );
}
