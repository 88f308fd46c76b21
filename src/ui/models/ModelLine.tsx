import { formatBytesOf } from '../format.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { models as words } from '../words.ts';
import './model-line.css';

/** Before the first question: which model is ready, or that the guide is about to be. */
export function ModelLine() {
  const { engine, models } = useApp();
  const state = engine.value;
  const { entry, state: guide, answers } = models.guide;
  const isReady = state.type === 'ready' || state.type === 'answering';
  if (!isReady && !answers.value) return null;
  const coming = guide.value.type === 'coming' ? guide.value.download : null;
  return (
    <p class={isReady ? 'model-line model-line--ready' : 'model-line'}>
      <Icon name={isReady ? 'check' : 'chip'} />
      <span>
        {!isReady && words.guideComing}
        {isReady &&
          (state.model.id === entry.sha256 ? words.guideReady : words.ready(state.model.title))}
        {coming !== null && (
          <span class="model-line__figure">
            {' '}
            {formatBytesOf(coming.doneBytes, coming.totalBytes)}
          </span>
        )}
      </span>
    </p>
  );
}
