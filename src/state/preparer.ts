import type { AppError } from '../contract/errors.ts';
import type { ModelId, Target } from '../contract/model.ts';
import {
  HIGHEST_CPU_RUNG,
  isGpuRung,
  LOWEST_RUNG,
  TARGET_OF_RUNG,
  type Rung,
} from '../contract/rungs.ts';
import type { ModelSource, PrepareEvent, PrepareOutcome } from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import { asAppError } from './as-app-error.ts';
import type { CrashMark } from './crash-mark.ts';
import type { ModelStore } from './dependencies.ts';
import type { LadderStore } from './ladder-store.ts';
import { isOfTheEngine } from './ladder.ts';

/** Prepares models for the rung that they will run on. The store does one thing at a time: all others wait here. */
export interface Preparer {
  /**
   * As `ModelStore.prepare`. A model that cannot be prepared for the GPU is prepared for the CPU, and one that cannot be for
   * our own kernels there, for ONNX Runtime.
   * @throws AppError `page-died` as `LadderStore.meet` does
   */
  readonly prepare: (
    source: ModelSource,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ) => Promise<PrepareOutcome>;
  /** Frees the room of a form; rejects with `model-in-use` while a page has it loaded. */
  readonly discard: (model: ModelId, target: Target) => Promise<void>;
}

export function createPreparer(
  store: Pick<ModelStore, 'prepare' | 'removeForm'>,
  ladder: LadderStore,
  mark: CrashMark,
  guide: ModelId,
): Preparer {
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  }

  const prepare: Preparer['prepare'] = async (source, onProgress, signal) => {
    await ladder.look();
    const model = idOf(source, guide);
    if (model !== null) ladder.meet(model);
    const prepareFor = (rung: Rung) => watched(source, rung, onProgress, signal);
    const given: { readonly rung: Rung; readonly error: AppError }[] = [];
    for (let rung = ladder.rungFor(model); ;) {
      try {
        const outcome = await prepareFor(rung);
        if (outcome.type === 'ready') {
          for (const { rung, error } of given) ladder.giveUp(outcome.model.id, rung, error);
        }
        return outcome;
      } catch (thrown) {
        const error = asAppError(thrown);
        if (rung === LOWEST_RUNG || !isWorthAnother(error)) throw error;
        given.push({ rung, error });
        rung = isGpuRung(rung) ? cpuRungFor(model) : LOWEST_RUNG;
      }
    }
  };

  /** Where the model would run without a GPU. */
  function cpuRungFor(model: ModelId | null): Rung {
    const found = ladder.survey(model).find(({ rung }) => rung === HIGHEST_CPU_RUNG);
    return found?.obstacle === null ? HIGHEST_CPU_RUNG : LOWEST_RUNG;
  }

  /** With a mark while it compiles: what comes before takes no memory to speak of. */
  async function watched(
    source: ModelSource,
    rung: Rung,
    onProgress: (event: PrepareEvent) => void,
    signal: AbortSignal,
  ): Promise<PrepareOutcome> {
    let isMarked = false;
    let lift = () => {};
    const listen = (event: PrepareEvent) => {
      if (event.phase === 'compile' && !isMarked) {
        lift = mark.lay({ model: idOf(source, guide), rung, phase: event.phase });
        isMarked = true;
      }
      onProgress(event);
    };
    try {
      return await store.prepare(source, TARGET_OF_RUNG[rung], listen, signal);
    } finally {
      lift();
    }
  }

  return {
    prepare: (...request) => inTurn(() => prepare(...request)),
    discard: (model, target) => inTurn(() => store.removeForm(model, target)),
  };
}

/** Without room for one form there may be another already. */
function isWorthAnother({ code }: AppError): boolean {
  return isOfTheEngine(code) || code === 'storage-full';
}

/** Null for what shows its hash only when it is here. */
function idOf(source: ModelSource, guide: ModelId): ModelId | null {
  switch (source.type) {
    case 'guide':
      return guide;
    case 'catalog':
      return source.entry.sha256;
    case 'stored':
      return source.id;
    case 'download':
      return source.file.expected?.sha256 ?? null;
    case 'served':
    case 'file':
      return null;
    default:
      return unreachable(source);
  }
}
