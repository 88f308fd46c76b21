import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Remedies } from '../parts/Remedies.tsx';
import { failures, models as words, phases as phaseWords } from '../words.ts';
import { ModelChoices } from './ModelChoices.tsx';
import { PhaseList } from './PhaseList.tsx';
import './model-status.css';

/**
 * What there is to say or choose about the model right now; nothing while one is ready. When a button
 * goes with what it started, the focus stays here instead of falling back to the top of the page.
 */
export function ModelStatus() {
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
      class="model-status"
      ref={place}
      tabIndex={-1}
      onFocusIn={() => (hadFocus.current = true)}
      onFocusOut={({ relatedTarget }) => (hadFocus.current = relatedTarget === null)}
    >
      <StatusCard />
    </div>
  );
}

function StatusCard() {
  const { models, engine, conversation } = useApp();
  const arrival = models.arrival.value;
  const shelf = models.shelf.value;
  const state = engine.value;
  const retry = () => void models.retry();

  if (arrival.type === 'preparing') {
    const { title, phases, isStopping } = arrival;
    const isUsable = state.type === 'ready' || state.type === 'answering';
    return (
      <section class="card" aria-label={phaseWords.coming(title)}>
        <h2 class="card__title">{phaseWords.coming(title)}</h2>
        <PhaseList phases={phases} loadFraction={null} />
        <div class="card__foot">
          <button class="button" type="button" disabled={isStopping} onClick={models.cancel}>
            {isStopping ? phaseWords.stopping : phaseWords.cancel}
          </button>
          {isUsable && <p class="card__hint">{phaseWords.stillUsable}</p>}
        </div>
      </section>
    );
  }
  if (state.type === 'loading') {
    const { model, fraction, arrived } = state;
    return (
      <section class="card" aria-label={phaseWords.loading(model.title)}>
        <h2 class="card__title">{phaseWords.loading(model.title)}</h2>
        <PhaseList phases={arrived} loadFraction={fraction} />
        <div class="card__foot">
          <button class="button" type="button" onClick={models.cancel}>
            {phaseWords.cancel}
          </button>
        </div>
      </section>
    );
  }
  if (arrival.type === 'failed') {
    const { title, error } = arrival;
    return (
      <Notice tone="failure" title={failures.arrival(title)} text={error.userMessage}>
        <Remedies error={error} onTryAgain={retry} />
        <button class="button button--quiet" type="button" onClick={models.dismiss}>
          {failures.dismiss}
        </button>
      </Notice>
    );
  }
  if (state.type === 'failed') {
    const { model, error } = state;
    const last = conversation.messages.value.at(-1);
    const isSaidUnderTheAnswer =
      last?.role === 'assistant' && (last.ending.type !== 'broken' || last.ending.error === error);
    if (isSaidUnderTheAnswer) return null;
    return (
      <Notice tone="failure" title={failures.load(model.title)} text={error.userMessage}>
        <Remedies error={error} onTryAgain={retry} />
      </Notice>
    );
  }
  if (shelf.type === 'failed') {
    return (
      <Notice tone="failure" title={failures.shelf} text={shelf.error.userMessage}>
        <Remedies error={shelf.error} onTryAgain={retry} />
      </Notice>
    );
  }
  if (shelf.type === 'unknown') return <p class="card__hint">{words.looking}</p>;
  if (state.type === 'idle') {
    return (
      <section class="card" aria-label={words.choose}>
        <h2 class="visually-hidden">{words.choose}</h2>
        <ModelChoices offer="one" />
      </section>
    );
  }
  const hasTurns = conversation.messages.value.length > 0 || conversation.live.value !== null;
  if (hasTurns) return null;
  return (
    <p class="model-status__ready">
      <Icon name="check" />
      <span>{words.ready(state.model.title)}</span>
    </p>
  );
}
