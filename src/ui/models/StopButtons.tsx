import { useSignal } from '@preact/signals';
import { formatBytes } from '../format.ts';
import type { PhaseProgress } from '../../state/prepare-progress.ts';
import { phases as words } from '../words.ts';
import './stop-buttons.css';

interface StopButtonsProps {
  readonly phases: readonly PhaseProgress[];
  readonly isStopping: boolean;
  /** Null where nothing that came could be kept. */
  readonly onPause: (() => void) | null;
  readonly onCancel: () => void;
}

/** Ways out of what is running. A cancelled download deletes what came, so that is asked once more. */
export function StopButtons({ phases, isStopping, onPause, onCancel }: StopButtonsProps) {
  const isAsking = useSignal(false);
  const download = phases.find(({ phase, state }) => phase === 'download' && state === 'running');
  if (isStopping) {
    return (
      <div class="stop-buttons">
        <button class="button" type="button" disabled>
          {words.stopping}
        </button>
      </div>
    );
  }
  if (download === undefined || onPause === null) {
    return (
      <div class="stop-buttons">
        <button class="button" type="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    );
  }
  if (isAsking.value) {
    return (
      <div class="stop-buttons">
        <button class="button button--danger" type="button" onClick={onCancel}>
          {words.cancelQuestion(formatBytes(download.doneBytes))}
        </button>
        <button class="button" type="button" onClick={() => (isAsking.value = false)}>
          {words.goOn}
        </button>
      </div>
    );
  }
  const cancel = () => {
    if (download.doneBytes === 0) onCancel();
    else isAsking.value = true;
  };
  return (
    <div class="stop-buttons">
      <button class="button" type="button" onClick={onPause}>
        {words.pause}
      </button>
      <button class="button button--quiet" type="button" onClick={cancel}>
        {words.cancel}
      </button>
    </div>
  );
}
