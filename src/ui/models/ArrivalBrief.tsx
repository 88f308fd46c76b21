import { formatBytesOf, formatPercent, formatTimeLeft } from '../format.ts';
import type { PhaseProgress } from '../../state/prepare-progress.ts';
import { ProgressBar } from '../parts/ProgressBar.tsx';
import { phases as words } from '../words.ts';
import { describeTransfer } from './describe-transfer.ts';
import { StopButtons } from './StopButtons.tsx';
import './arrival-brief.css';

interface ArrivalBriefProps {
  readonly title: string;
  readonly phases: readonly PhaseProgress[];
  /** 0–1 while the model is being loaded; null before. */
  readonly loadFraction: number | null;
  readonly isStopping: boolean;
  /** Null where nothing that came could be kept. */
  readonly onPause: (() => void) | null;
  readonly onCancel: () => void;
}

/** A model on its way, in two lines, for beside a conversation: the phase that runs, how far it is, and a way out. */
export function ArrivalBrief(props: ArrivalBriefProps) {
  const { title, phases, loadFraction, ...stopping } = props;
  const running = phases.find(({ state }) => state === 'running') ?? null;
  return (
    <section class="arrival-brief" aria-label={words.coming(title)}>
      <div class="arrival-brief__what">
        <p class="arrival-brief__title">{title}</p>
        <p class="arrival-brief__phase">{describe(running, loadFraction)}</p>
      </div>
      <StopButtons phases={phases} {...stopping} />
      <ProgressBar
        label={words.names[running?.phase ?? 'load']}
        fraction={loadFraction ?? fractionOf(running)}
      />
    </section>
  );
}

function describe(running: PhaseProgress | null, loadFraction: number | null): string {
  if (loadFraction !== null) return `${words.names.load} · ${formatPercent(loadFraction)}`;
  if (running === null) return words.waiting;
  const { phase, doneBytes, totalBytes, leftMs, transfer } = running;
  const parts: string[] = [words.names[phase]];
  if (totalBytes !== null || doneBytes > 0) parts.push(formatBytesOf(doneBytes, totalBytes));
  if (transfer !== null && transfer.wait !== null) parts.push(describeTransfer(transfer));
  if (leftMs !== null) parts.push(words.left(formatTimeLeft(leftMs)));
  return parts.join(' · ');
}

function fractionOf(running: PhaseProgress | null): number | null {
  if (running === null || running.totalBytes === null) return null;
  return running.doneBytes / running.totalBytes;
}
