import { leavesGpu } from '../../state/ladder-store.ts';
import { useApp } from '../app-context.ts';
import { Notice } from '../parts/Notice.tsx';
import { failures, rungs as words } from '../words.ts';
import { describeWay } from './describe-step.ts';

/**
 * Says that the model came down the ladder, once it runs again; while an answer that broke off is the last thing on
 * the page, that says so itself.
 */
export function StepNotice() {
  const { ladder, engine, models, conversation } = useApp();
  const state = engine.value;
  if (state.type !== 'ready' && state.type !== 'answering') return null;
  const last = conversation.messages.value.at(-1);
  const isSaid = last?.role === 'assistant' && last.ending.type === 'broken';
  const steps = ladder.steps.value.filter(({ model }) => model === state.model.id);
  const text = describeWay(steps);
  if (text === null || isSaid) return null;
  return (
    <Notice tone="attention" text={text}>
      <button
        class="button"
        type="button"
        disabled={state.type === 'answering'}
        onClick={() => void models.tryAllRungs()}
      >
        {steps.some(leavesGpu) ? words.tryGpuAgain : words.tryEngineAgain}
      </button>
      <button class="button button--quiet" type="button" onClick={ladder.dismissSteps}>
        {failures.dismiss}
      </button>
    </Notice>
  );
}
