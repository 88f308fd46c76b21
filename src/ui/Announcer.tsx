import { signal, useSignalEffect } from '@preact/signals';
import { useState } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { modelTitle } from './models/model-title.ts';
import { announcements as words, phases } from './words.ts';

/** Says politely to screen readers what an eye would notice of models: phases, readiness. Answers are said by `speech`. */
export function Announcer() {
  const { models, engine } = useApp();
  const [said] = useState(() => signal(''));
  const [last] = useState(() => ({ stage: '' }));

  useSignalEffect(() => {
    const stage = describeStage(models.arrival.value, engine.value);
    if (stage === last.stage) return;
    last.stage = stage;
    if (stage !== '') said.value = stage;
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
