import type { DownloadProgress } from '../contract/download.ts';
import type { ChosenSource, PrepareEvent, PreparePhase } from '../contract/store.ts';

/** One line of the list of phases a person watches while a model comes. */
export interface PhaseProgress {
  readonly phase: PreparePhase | 'load';
  readonly state: 'waiting' | 'running' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number | null;
  /** Since this phase began; 0 while it waits. */
  readonly elapsedMs: number;
  /** Estimate from the speed of the last seconds; null while there is too little to go by. */
  readonly leftMs: number | null;
  /** More about a download that runs; null of everything else. */
  readonly transfer: DownloadProgress | null;
}

/** How far a preparation is: `phases` for the eye, the rest to estimate from. A value: `advance` makes the next. */
export interface PrepareProgress {
  readonly phases: readonly PhaseProgress[];
  /** Bytes done over time in the running phase, oldest first. */
  readonly samples: readonly { readonly elapsedMs: number; readonly doneBytes: number }[];
}

const IN_ORDER: readonly PhaseProgress['phase'][] = [
  'download',
  'wait',
  'read',
  'check',
  'compile',
  'measure',
  'load',
];

/** What is to be expected of each kind of source; phases that turn out to be needless vanish from the list. */
const PLANS: Record<ChosenSource['type'], readonly PhaseProgress['phase'][]> = {
  catalog: ['download', 'check', 'compile', 'load'],
  served: ['download', 'check', 'compile', 'load'],
  download: ['download', 'check', 'compile', 'load'],
  file: ['read', 'check', 'compile', 'load'],
  stored: ['compile', 'load'],
};

/** Speed is taken over this much of the recent past. */
const WINDOW_MS = 8_000;
/** Below this much of it, an estimate would only jump. */
const LEAST_SPAN_MS = 1_000;

export function beginProgress(source: ChosenSource['type']): PrepareProgress {
  return { phases: PLANS[source].map((phase) => waiting(phase)), samples: [] };
}

/** Of a download alone, of which this page makes nothing. */
export function beginDownload(): PrepareProgress {
  return { phases: [waiting('download')], samples: [] };
}

/** The list after one more event: its phase runs (or is done), earlier ones are done or were needless. */
export function advance(progress: PrepareProgress, event: PrepareEvent): PrepareProgress {
  const isSamePhase = progress.phases.some(
    ({ phase, state }) => phase === event.phase && state !== 'waiting',
  );
  const before = isSamePhase ? progress.samples : [];
  const samples = [
    ...before.filter(({ elapsedMs }) => event.elapsedMs - elapsedMs <= WINDOW_MS),
    { elapsedMs: event.elapsedMs, doneBytes: event.doneBytes },
  ];
  const rank = IN_ORDER.indexOf(event.phase);
  const isDone = event.totalBytes !== null && event.doneBytes >= event.totalBytes;
  const current: PhaseProgress = {
    phase: event.phase,
    state: isDone ? 'done' : 'running',
    doneBytes: event.doneBytes,
    totalBytes: event.totalBytes,
    elapsedMs: event.elapsedMs,
    leftMs: isDone ? null : leftOf(event, samples),
    transfer: isDone ? null : (event.transfer ?? null),
  };
  const earlier = progress.phases.filter(
    ({ phase, state }) => IN_ORDER.indexOf(phase) < rank && state !== 'waiting',
  );
  const later = progress.phases.filter(({ phase }) => IN_ORDER.indexOf(phase) > rank);
  return { phases: [...earlier.map(finish), current, ...later], samples };
}

/** A download knows by itself, also that nothing can be said: it may go on from where it was, or wait. */
function leftOf(event: PrepareEvent, samples: PrepareProgress['samples']): number | null {
  return event.transfer === undefined ? leftMs(samples, event.totalBytes) : event.transfer.leftMs;
}

/** The list once everything before loading is over. */
export function finishPreparing(progress: PrepareProgress): readonly PhaseProgress[] {
  return progress.phases
    .filter(({ phase, state }) => phase !== 'load' && state !== 'waiting')
    .map(finish);
}

/** @returns null for an unknown total, for less than a second of samples, and while nothing moves. */
export function leftMs(
  samples: PrepareProgress['samples'],
  totalBytes: number | null,
): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (totalBytes === null || first === undefined || last === undefined) return null;
  const spanMs = last.elapsedMs - first.elapsedMs;
  const movedBytes = last.doneBytes - first.doneBytes;
  if (spanMs < LEAST_SPAN_MS || movedBytes <= 0) return null;
  return ((totalBytes - last.doneBytes) * spanMs) / movedBytes;
}

function waiting(phase: PhaseProgress['phase']): PhaseProgress {
  return {
    phase,
    state: 'waiting',
    doneBytes: 0,
    totalBytes: null,
    elapsedMs: 0,
    leftMs: null,
    transfer: null,
  };
}

function finish(progress: PhaseProgress): PhaseProgress {
  return { ...progress, state: 'done', leftMs: null, transfer: null };
}
