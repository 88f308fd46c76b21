import type { StoredModel } from '../../contract/model.ts';
import { formatBytes, formatBytesOf, formatDate } from '../format.ts';
import { useApp } from '../app-context.ts';
import { ProgressBar } from '../parts/ProgressBar.tsx';
import { upkeep as words } from '../later-words.ts';
import { phases } from '../words.ts';
import { describeTransfer } from './describe-transfer.ts';
import { SaveFile } from './SaveFile.tsx';
import { failureText } from '../failure-text.ts';
import './upkeep.css';

/** A check or a repair of this model while it runs, and how it ended. */
export function Upkeep({ model }: { readonly model: StoredModel }) {
  const { current, repair, check, stop } = useApp().models.upkeep;
  const state = current.value;
  if (state.type === 'none' || state.id !== model.id) return null;
  if (state.type === 'running') {
    const { work, doneBytes, totalBytes, transfer, isStopping } = state;
    const figures = [words.running[work]];
    if (totalBytes !== null) figures.push(formatBytesOf(doneBytes, totalBytes));
    if (transfer !== null) figures.push(describeTransfer(transfer));
    return (
      <div class="upkeep">
        <p class="upkeep__line">{figures.filter((figure) => figure !== '').join(' · ')}</p>
        <button class="button button--quiet" type="button" disabled={isStopping} onClick={stop}>
          {isStopping ? phases.stopping : phases.cancel}
        </button>
        <ProgressBar
          label={words.running[work]}
          fraction={totalBytes === null ? null : doneBytes / totalBytes}
        />
      </div>
    );
  }
  if (state.type === 'sound') {
    return (
      <div class="upkeep" role="status">
        <p class="upkeep__line">{words.sound(formatDate(model.verifiedAt))}</p>
      </div>
    );
  }
  if (state.type === 'exported') {
    return <SaveFile key={state.fileName} file={state.file} fileName={state.fileName} />;
  }
  const isDamaged = state.type === 'damaged' || state.work === 'repair';
  const sentence = state.type === 'failed' ? failureText(state.error) : damaged(state.damagedBytes);
  return (
    <div class="upkeep" role="alert">
      <p class="upkeep__line upkeep__line--wrong">{sentence}</p>
      <button
        class="button"
        type="button"
        onClick={() => void (isDamaged ? repair(model.id) : check(model.id))}
        hidden={state.type === 'failed' && state.work === 'export'}
      >
        {isDamaged ? words.repair : words.again}
      </button>
    </div>
  );
}

function damaged(bytes: number | null): string {
  return bytes === null ? words.damaged : words.damagedBytes(formatBytes(bytes));
}
