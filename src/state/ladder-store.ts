import { signal, type ReadonlySignal } from '@preact/signals-core';
import { AppError, type ErrorCode } from '../contract/errors.ts';
import type { ModelId, Target } from '../contract/model.ts';
import { isGpuRung, LOWEST_RUNG, RUNGS, type Capability, type Rung } from '../contract/rungs.ts';
import type { CrashMark, Risk } from './crash-mark.ts';
import type { Dependencies, Versions } from './dependencies.ts';
import { parseLadder, printLadder } from './ladder-note.ts';
import {
  isOfTheEngine,
  isSpent,
  obstacleTo,
  reduce,
  rungFor,
  UNKNOWN_DEVICE,
  type Ladder,
  type LadderEvent,
  type Obstacle,
  type Place,
  type Wish,
} from './ladder.ts';

/** One step down, as the person is told of it. */
export interface StepDown {
  readonly model: ModelId;
  readonly from: Rung;
  readonly to: Rung;
  readonly code: ErrorCode;
  readonly during: 'preparing' | 'loading' | 'answering' | 'last-visit';
}

/** Whether it was a GPU that was given up. */
export function leavesGpu({ from }: StepDown): boolean {
  return isGpuRung(from);
}

export interface SurveyedRung {
  readonly rung: Rung;
  /** Null when it is worth trying. */
  readonly obstacle: Obstacle | null;
}

/** The ladder of this page, kept from visit to visit, with what the person wants of it. */
export interface LadderStore {
  readonly current: ReadonlySignal<Ladder>;
  /** Where the person wants to begin; null: wherever is best. */
  readonly pinned: ReadonlySignal<Rung | null>;
  readonly pin: (rung: Rung | null) => void;
  /** What happened on the way to where models run now, oldest first; until the person has read it. */
  readonly steps: ReadonlySignal<readonly StepDown[]>;
  readonly dismissSteps: () => void;

  /** Settles once the device has been looked at, which is done once; before that nothing is to be chosen. */
  readonly look: () => Promise<void>;
  /**
   * To be called before a model is prepared or loaded: if the page before this one died of that, it is begun lower.
   * @throws AppError `page-died`, once, where there is no lower: the person decides whether to try again
   */
  readonly meet: (model: ModelId) => void;
  /** @param model null while nobody knows */
  readonly rungFor: (model: ModelId | null) => Rung;
  /** Every rung from the top, and what speaks against it for this model. */
  readonly survey: (model: ModelId | null) => readonly SurveyedRung[];
  readonly succeed: (model: ModelId, rung: Rung, at: 'ready' | 'answered') => void;
  /** Remembers a failure. Null when a lower rung would not help: it was the lowest, or the engine is not to blame. */
  readonly stepDown: (
    model: ModelId,
    rung: Rung,
    error: AppError,
    during: Exclude<StepDown['during'], 'preparing' | 'last-visit'>,
  ) => Rung | null;
  /** Remembers that a model could not be prepared for a rung; of a GPU's, none is tried then. */
  readonly giveUp: (model: ModelId, from: Rung, error: AppError) => void;
  /** Whether the form for a target has proved to be of no use here: it only takes room. */
  readonly isSpent: (model: ModelId, target: Target) => boolean;
  /** Every rung is to be tried again for this model. */
  readonly forgive: (model: ModelId) => void;
}

const LADDER_NOTE = 'offgrid.ladder';
const PIN_NOTE = 'offgrid.pinned-rung';

export interface LadderNeeds extends Pick<
  Dependencies,
  'engine' | 'notes' | 'versions' | 'threads' | 'clock' | 'guide'
> {
  readonly mark: CrashMark;
  /** As it is set now, in tokens. */
  readonly contextTokens: () => number;
}

export function createLadder(needs: LadderNeeds): LadderStore {
  const { notes, versions, mark } = needs;
  const current = signal<Ladder>({ ...UNKNOWN_DEVICE, ...parseLadder(notes.read(LADDER_NOTE)) });
  const pinned = signal(parseRung(notes.read(PIN_NOTE)));
  const steps = signal<readonly StepDown[]>([]);
  let looking: Promise<void> | null = null;
  /** What the page before died of, while it is not known of which model, or there is no lower rung. */
  let unmet: Risk | null = null;

  function tell(event: LadderEvent): void {
    const before = current.value;
    current.value = reduce(before, event);
    if (current.value.outcomes === before.outcomes) return;
    notes.write(LADDER_NOTE, printLadder(current.value));
  }

  function wishFor(model: ModelId | null): Wish {
    return {
      model,
      pinned: pinned.value,
      contextTokens: needs.contextTokens(),
      isSmall: model === needs.guide.sha256,
    };
  }

  async function look(): Promise<void> {
    const [capability, death] = await Promise.all([probe(), mark.find()]);
    tell({ type: 'looked', capability, place: placeOf(capability, versions) });
    if (death === null) return;
    if (death.model === null || !isGpuRung(death.rung)) unmet = death;
    else face(death, death.model);
  }

  async function probe(): Promise<Capability> {
    try {
      return await needs.engine.probe();
    } catch {
      return { gpu: { type: 'no-adapter' }, threads: needs.threads }; // the CPU needs no looking at
    }
  }

  function face(death: Risk, model: ModelId): void {
    const error = new AppError('page-died', `the page died during ${death.phase}`);
    if (death.phase === 'compile') failAlike(model, death.rung, error, 'last-visit');
    else fail(model, [death.rung], death.rung, error, 'last-visit');
  }

  function fail(
    model: ModelId,
    rungs: readonly Rung[],
    from: Rung,
    { code, message }: AppError,
    during: StepDown['during'],
  ): Rung {
    const failure = { code, message, at: needs.clock.date(), contextTokens: needs.contextTokens() };
    for (const rung of rungs) tell({ type: 'failed', model, rung, failure });
    const to = rungFor(current.value, wishFor(model));
    if (to !== from) steps.value = [...steps.value, { model, from, to, code, during }];
    return to;
  }

  /** What cannot be prepared for one of the GPU's rungs can be for none. */
  function failAlike(
    model: ModelId,
    from: Rung,
    error: AppError,
    during: StepDown['during'],
  ): void {
    fail(model, isGpuRung(from) ? RUNGS.filter(isGpuRung) : [from], from, error, during);
  }

  return {
    current,
    pinned,
    pin(rung) {
      pinned.value = rung;
      notes.write(PIN_NOTE, rung);
    },
    steps,
    dismissSteps: () => (steps.value = []),
    look: () => (looking ??= look()),
    meet(model) {
      if (unmet === null || (unmet.model !== null && unmet.model !== model)) return;
      const death = unmet;
      unmet = null;
      if (!isGpuRung(death.rung)) {
        throw new AppError('page-died', `the page died during ${death.phase}`);
      }
      face(death, model);
    },
    rungFor: (model) => rungFor(current.value, wishFor(model)),
    survey: (model) =>
      RUNGS.map((rung) => ({ rung, obstacle: obstacleTo(rung, current.value, wishFor(model)) })),
    succeed: (model, rung, type) => tell({ type, model, rung }),
    stepDown(model, rung, error, during) {
      if (rung === LOWEST_RUNG || !isOfTheEngine(error.code)) return null;
      if (!isGpuRung(rung) && error.code === 'out-of-memory') return null; // the one below needs more
      return fail(model, [rung], rung, error, during);
    },
    giveUp: (model, from, error) => failAlike(model, from, error, 'preparing'),
    isSpent: (model, target) => isSpent(target, current.value.outcomes[model]),
    forgive(model) {
      tell({ type: 'forgiven', model });
      steps.value = steps.value.filter((step) => step.model !== model);
    },
  };
}

function placeOf({ gpu }: Capability, { browser, runtime, compiler }: Versions): Place {
  const versions = JSON.stringify([browser, runtime, compiler]);
  if (gpu.type !== 'adapter') return { adapter: null, versions };
  const { vendor, architecture, device, description, isSoftware } = gpu.adapter;
  const adapter = JSON.stringify([vendor, architecture, device, description, isSoftware]);
  return { adapter, versions };
}

function parseRung(note: string | null): Rung | null {
  return RUNGS.find((rung) => rung === note) ?? null;
}
