import type { LoadedModel } from '../contract/engine.ts';
import type { StoredForm, StoredModel } from '../contract/model.ts';
import { TARGET_OF_RUNG, type Rung } from '../contract/rungs.ts';
import { asAppError } from './as-app-error.ts';
import type { CrashMark } from './crash-mark.ts';
import type { Dependencies } from './dependencies.ts';
import type { LadderStore } from './ladder-store.ts';
import type { Preparer } from './preparer.ts';
import { advance, beginProgress, finishPreparing, type PhaseProgress } from './prepare-progress.ts';

/** A model in memory, and how it runs. */
export interface InMemory {
  readonly model: StoredModel;
  readonly rung: Rung;
  readonly loaded: LoadedModel;
}

/** A model on its way into memory. */
export interface Descent {
  readonly model: StoredModel;
  readonly rung: Rung;
  /** 0–1 over the attempt that runs. Null while the form for this rung is being built: see `arrived`. */
  readonly fraction: number | null;
  /** What was done to bring the model here just now; empty when it was here already. */
  readonly arrived: readonly PhaseProgress[];
}

export interface DescendNeeds {
  readonly dependencies: Pick<Dependencies, 'engine' | 'threads' | 'guide'>;
  readonly contextTokens: () => number;
  readonly ladder: LadderStore;
  readonly preparer: Preparer;
  readonly mark: CrashMark;
}

/**
 * Loads a model on the highest rung that holds: one attempt, one worker; a failure of the engine leads to the next
 * lower rung, and a form that a rung lacks is built on the way.
 *
 * @returns null when `signal` was aborted
 * @throws AppError when the lowest rung failed, or the engine was not to blame
 */
export async function descend(
  needs: DescendNeeds,
  from: Pick<Descent, 'model' | 'arrived'>,
  show: (state: Descent) => void,
  signal: AbortSignal,
): Promise<InMemory | null> {
  const { ladder, preparer } = needs;
  let { model, arrived } = from;
  for (;;) {
    const rung = ladder.rungFor(model.id);
    const target = TARGET_OF_RUNG[rung];
    const form = model.forms.find((form) => form.target === target);
    if (form === undefined) {
      const built = await build(preparer, { model, rung, fraction: null, arrived }, show, signal);
      if (built === null) return null;
      ({ model, arrived } = built);
      continue;
    }
    try {
      const loaded = await attempt(
        needs,
        form,
        { model, rung, fraction: 0, arrived },
        show,
        signal,
      );
      if (loaded === null) return null;
      ladder.succeed(model.id, rung, 'ready');
      return { model, rung, loaded };
    } catch (thrown) {
      const error = asAppError(thrown);
      if (ladder.stepDown(model.id, rung, error, 'loading') === null) throw error;
      if (!ladder.isSpent(model.id, target)) continue;
      model = { ...model, forms: model.forms.filter((other) => other !== form) };
      await preparer.discard(model.id, target).catch(() => {}); // only room: another time
    }
  }
}

/** The model with the form that its rung needs (or, where that cannot be built, the lowest); null when cancelled. */
async function build(
  preparer: Preparer,
  descent: Descent,
  show: (state: Descent) => void,
  signal: AbortSignal,
): Promise<Pick<Descent, 'model' | 'arrived'> | null> {
  let progress = beginProgress('stored');
  show({ ...descent, arrived: progress.phases });
  const outcome = await preparer.prepare(
    { type: 'stored', id: descent.model.id },
    (event) => {
      progress = advance(progress, event);
      show({ ...descent, arrived: progress.phases });
    },
    signal,
  );
  if (outcome.type !== 'ready') return null;
  return { model: outcome.model, arrived: finishPreparing(progress) };
}

/** One attempt on one rung, with a mark for as long as it may bring the page down; null when cancelled. */
async function attempt(
  { dependencies, contextTokens, mark }: DescendNeeds,
  form: StoredForm,
  descent: Descent,
  show: (state: Descent) => void,
  signal: AbortSignal,
): Promise<LoadedModel | null> {
  const { engine, guide } = dependencies;
  const { model, rung } = descent;
  // One is more than the guide needs (a thousand tokens a second), and others would take processors from the page.
  const threads = model.id === guide.sha256 ? 1 : dependencies.threads;
  show(descent);
  let phase = 'start';
  let lift = mark.lay({ model: model.id, rung, phase });
  try {
    return await engine.load(
      form.folder,
      { rung, contextTokens: contextTokens(), threads },
      (event) => {
        if (event.phase !== phase) {
          ({ phase } = event);
          lift = mark.lay({ model: model.id, rung, phase });
        }
        show({ ...descent, fraction: event.fraction });
      },
      signal,
    );
  } finally {
    lift();
  }
}
