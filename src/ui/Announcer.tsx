import { signal, useSignalEffect } from '@preact/signals';
import { useState } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { describeAnswer } from './chat/describe-answer.ts';
import { modelTitle } from './models/model-title.ts';
import { announcements as words, phases } from './words.ts';

/** Says politely to screen readers what an eye would notice: phases, readiness, finished answers. Never single tokens. */
export function Announcer() {
  const { models, engine, conversation } = useApp();
  const [said] = useState(() => signal(''));
  const [last] = useState(() => ({ stage: '', liveId: '' }));

  useSignalEffect(() => {
    const stage = describeStage(models.arrival.value, engine.value);
    if (stage === last.stage) return;
    last.stage = stage;
    if (stage !== '') said.value = stage;
  });

  useSignalEffect(() => {
    const live = conversation.live.value;
    const message = conversation.messages.value.at(-1);
    if (live !== null) last.liveId = live.id;
    // Of those that are only shown again, nothing is said.
    if (live !== null || message?.role !== 'assistant' || message.id !== last.liveId) return;
    last.liveId = '';
    // Why it broke off is said by its notice.
    said.value = `${words.answer(message.text)} ${describeAnswer(message)}`;
  });

  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );

  function describeStage(arrival: typeof models.arrival.value, state: typeof engine.value): string {
    if (arrival.type === 'preparing') {
      const running = arrival.phases.find((phase) => phase.state === 'running');
      return running === undefined
        ? ''
        : words.phase(modelTitle(arrival.title), phases.names[running.phase]);
    }
    if (models.guide.state.value.type === 'coming') return ''; // quick, and by itself: that it is ready will do
    if (state.type === 'loading')
      return words.phase(modelTitle(state.model.title), phases.names.load);
    if (state.type === 'ready' || state.type === 'answering')
      return words.ready(modelTitle(state.model.title));
    return '';
  }
}
