import { useLayoutEffect, useRef } from 'preact/hooks';
import type { AppError } from '../../contract/errors.ts';
import { useApp } from '../app-context.ts';
import { Notice } from '../parts/Notice.tsx';
import { Remedies } from '../parts/Remedies.tsx';
import { failures, models as words, phases as phaseWords } from '../words.ts';
import { modelTitle } from './model-title.ts';
import { ArrivalBrief } from './ArrivalBrief.tsx';
import { ModelOffer } from './ModelOffer.tsx';
import { PhaseList } from './PhaseList.tsx';
import { ResumeOffer } from './ResumeOffer.tsx';
import { StopButtons } from './StopButtons.tsx';
import { failureText } from '../failure-text.ts';
import './model-status.css';

interface ModelStatusProps {
  /** Beside a conversation: in few words, and in view however far one has scrolled. */
  readonly isBrief: boolean;
}

/**
 * What there is to say or choose about the model right now; nothing while a real one is ready. When a button
 * goes with what it started, the focus stays here instead of falling back to the top of the page.
 */
export function ModelStatus({ isBrief }: ModelStatusProps) {
  const { models, engine } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  const stage = `${models.arrival.value.type} ${engine.value.type}`;
  useLayoutEffect(() => {
    if (hadFocus.current && document.activeElement === document.body) {
      place.current?.focus({ preventScroll: true });
    }
  }, [stage]);
  return (
    <div
      class={isBrief ? 'model-status model-status--brief' : 'model-status'}
      ref={place}
      tabIndex={-1}
      onFocusIn={() => (hadFocus.current = true)}
      onFocusOut={({ relatedTarget }) => (hadFocus.current = relatedTarget === null)}
    >
      <Failure />
      <WayOrOffer isBrief={isBrief} />
    </div>
  );
}

/** A model on its way into memory, or the one that is offered. */
function WayOrOffer({ isBrief }: ModelStatusProps) {
  const { models, engine } = useApp();
  const arrival = models.arrival.value;
  const shelf = models.shelf.value;
  const state = engine.value;
  const { answers } = models.guide;
  const [entry] = models.catalog;

  if (arrival.type === 'preparing') {
    const { title, phases, isStopping } = arrival;
    const { pause: onPause, cancel: onCancel } = models;
    const way = { title, phases, isStopping, onPause, onCancel };
    if (isBrief) return <ArrivalBrief {...way} loadFraction={null} />;
    const isUsable = state.type === 'ready' || state.type === 'answering';
    return (
      <section class="card" aria-label={phaseWords.coming(title)}>
        <h2 class="card__title">{phaseWords.coming(title)}</h2>
        <PhaseList phases={phases} loadFraction={null} />
        <div class="card__foot">
          <StopButtons {...{ phases, isStopping, onPause, onCancel }} />
          {isUsable && (
            <p class="card__hint">{phaseWords.stillUsable(modelTitle(state.model.title))}</p>
          )}
        </div>
      </section>
    );
  }
  if (state.type === 'loading' && !answers.value) {
    const { model, fraction, arrived } = state;
    if (isBrief) {
      return (
        <ArrivalBrief
          title={modelTitle(model.title)}
          phases={arrived}
          loadFraction={fraction}
          isStopping={false}
          onPause={null}
          onCancel={models.cancel}
        />
      );
    }
    return (
      <section class="card" aria-label={phaseWords.loading(modelTitle(model.title))}>
        <h2 class="card__title">{phaseWords.loading(modelTitle(model.title))}</h2>
        <PhaseList phases={arrived} loadFraction={fraction} />
        <div class="card__foot">
          <button class="button" type="button" onClick={models.cancel}>
            {phaseWords.cancel}
          </button>
        </div>
      </section>
    );
  }
  if (arrival.type === 'failed' || shelf.type === 'failed') return null;
  if (shelf.type === 'unknown' && !answers.value) return <p class="card__hint">{words.looking}</p>;
  const [unfinished] = models.unfinished.list.value;
  if (unfinished !== undefined && !isBrief) return <ResumeOffer download={unfinished} isCard />;
  const hasOwn = shelf.type === 'listed' && shelf.models.length > 0;
  if (hasOwn || entry === undefined || !(answers.value || state.type === 'idle')) return null;
  return <ModelOffer entry={entry} isBrief={isBrief} />;
}

/** What went wrong with a model, unless the last answer says it already. At most one thing at a time. */
function Failure() {
  const { models, engine, conversation } = useApp();
  const arrival = models.arrival.value;
  const shelf = models.shelf.value;
  const guide = models.guide.state.value;
  const state = engine.value;
  const retry = () => void models.retry();
  const last = conversation.messages.value.at(-1);
  const isSaidUnderTheAnswer = (error: AppError) =>
    last?.role === 'assistant' && (last.ending.type !== 'broken' || last.ending.error === error);

  if (arrival.type === 'preparing' || state.type === 'loading') return null;
  if (arrival.type === 'failed') {
    const { title, error } = arrival;
    return (
      <Notice
        tone="failure"
        title={failures.arrival(title)}
        text={failureText(error)}
        code={error.code}
      >
        <Remedies error={error} onTryAgain={retry} />
        <button class="button button--quiet" type="button" onClick={models.dismiss}>
          {failures.dismiss}
        </button>
      </Notice>
    );
  }
  if (state.type === 'failed') {
    const { model, error } = state;
    if (isSaidUnderTheAnswer(error)) return null;
    return (
      <Notice
        tone="failure"
        title={failures.load(modelTitle(model.title))}
        text={failureText(error)}
        code={error.code}
      >
        <Remedies error={error} onTryAgain={retry} />
      </Notice>
    );
  }
  if (shelf.type === 'failed') {
    const { error } = shelf;
    return (
      <Notice tone="failure" title={failures.shelf} text={failureText(error)} code={error.code}>
        <Remedies error={error} onTryAgain={retry} />
      </Notice>
    );
  }
  if (guide.type === 'failed' && state.type === 'idle') {
    const { error } = guide;
    return (
      <Notice tone="attention" title={failures.guide} text={failureText(error)} code={error.code}>
        <Remedies error={error} onTryAgain={retry} />
      </Notice>
    );
  }
  return null;
}
