import {
  formatBytes,
  formatBytesOf,
  formatDuration,
  formatPercent,
  formatTimeLeft,
} from '../format.ts';
import type { PhaseProgress } from '../../state/prepare-progress.ts';
import { Icon } from '../parts/Icon.tsx';
import { ProgressBar } from '../parts/ProgressBar.tsx';
import { phases as words } from '../words.ts';
import { describeTransfer } from './describe-transfer.ts';
import './phase-list.css';

interface PhaseListProps {
  readonly phases: readonly PhaseProgress[];
  /** 0–1 while the model is being loaded; null before. */
  readonly loadFraction: number | null;
}

/** What happens, in order, each with its own bar: a person sees how much is still to come. */
export function PhaseList({ phases, loadFraction }: PhaseListProps) {
  return (
    <ol class="phase-list">
      {phases.map((progress) =>
        progress.phase === 'load' && loadFraction !== null ? (
          <LoadRow key="load" fraction={loadFraction} />
        ) : (
          <Row key={progress.phase} progress={progress} />
        ),
      )}
      {loadFraction !== null && !phases.some(({ phase }) => phase === 'load') && (
        <LoadRow fraction={loadFraction} />
      )}
    </ol>
  );
}

function Row({ progress }: { readonly progress: PhaseProgress }) {
  const { phase, state, doneBytes, totalBytes, elapsedMs, leftMs, transfer } = progress;
  const name = words.names[phase];
  if (state === 'waiting') {
    return (
      <li class="phase-list__row phase-list__row--waiting">
        <span class="phase-list__name">{name}</span>
        <span class="phase-list__figure">{words.waiting}</span>
      </li>
    );
  }
  if (state === 'done') {
    return (
      <li class="phase-list__row">
        <span class="phase-list__name">
          <Icon name="check" />
          {name}
        </span>
        <span class="phase-list__figure">
          {totalBytes === 0
            ? formatDuration(elapsedMs)
            : words.doneIn(formatBytes(doneBytes), formatDuration(elapsedMs))}
        </span>
      </li>
    );
  }
  return (
    <li class="phase-list__row phase-list__row--running">
      <span class="phase-list__name">{name}</span>
      <span class="phase-list__figure">
        {isCounted(phase) && formatBytesOf(doneBytes, totalBytes)}
      </span>
      <ProgressBar label={name} fraction={totalBytes === null ? null : doneBytes / totalBytes} />
      <span class="phase-list__figure">
        {transfer === null ? words.soFar(formatTimeLeft(elapsedMs)) : describeTransfer(transfer)}
      </span>
      <span class="phase-list__figure phase-list__left">
        {leftMs !== null && words.left(formatTimeLeft(leftMs))}
      </span>
    </li>
  );
}

/** Of the others there is only time to tell. */
function isCounted(phase: PhaseProgress['phase']): boolean {
  return phase !== 'measure' && phase !== 'wait';
}

function LoadRow({ fraction }: { readonly fraction: number }) {
  return (
    <li class="phase-list__row phase-list__row--running">
      <span class="phase-list__name">{words.names.load}</span>
      <span class="phase-list__figure">{formatPercent(fraction)}</span>
      <ProgressBar label={words.names.load} fraction={fraction} />
    </li>
  );
}
