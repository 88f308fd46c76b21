/**
 * Which rung to load a model on: a value, what changes it, and what can be read from it. Nothing here waits, looks or
 * remembers; ladder-store.ts does.
 */
import type { ErrorCode } from '../contract/errors.ts';
import type { ModelId, Target } from '../contract/model.ts';
import {
  isGpuRung,
  LOWEST_RUNG,
  RUNGS,
  TARGET_OF_RUNG,
  type Capability,
  type GpuRung,
  type Rung,
} from '../contract/rungs.ts';
import { unreachable } from '../lib/assert.ts';

export interface Ladder {
  /** Null until the device has been looked at. */
  readonly capability: Capability | null;
  /** What `outcomes` were had with; null before the first. */
  readonly place: Place | null;
  readonly outcomes: Outcomes;
}

/** All that an outcome may depend on beside the model. */
export interface Place {
  /** Null without one. */
  readonly adapter: string | null;
  /** Browser, runtime and compiler. */
  readonly versions: string;
}

/** By model, for a large one may fail where a small one runs. */
export type Outcomes = Readonly<Record<ModelId, OutcomesOfModel>>;
export type OutcomesOfModel = Readonly<Partial<Record<Rung, Outcome>>>;

/** How one rung did with one model in one place. */
export interface Outcome {
  /** It has been ready to answer, its numbers tested. */
  readonly hasWorked: boolean;
  /** Null when there was none, or none that still counts. */
  readonly failure: Failure | null;
}

export interface Failure {
  readonly code: ErrorCode;
  /** What the engine said, with its numbers: for the statistics and reports. */
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Failures without a whole answer between them, this one included. */
  readonly times: number;
  /** The context that was asked for: with less, there may be memory enough. */
  readonly contextTokens: number;
  /** It happened since the page was opened. */
  readonly isOfThisVisit: boolean;
}

export type LadderEvent =
  | { readonly type: 'looked'; readonly capability: Capability; readonly place: Place }
  | { readonly type: 'ready'; readonly model: ModelId; readonly rung: Rung }
  /** A whole answer came from it. */
  | { readonly type: 'answered'; readonly model: ModelId; readonly rung: Rung }
  | {
      readonly type: 'failed';
      readonly model: ModelId;
      readonly rung: Rung;
      readonly failure: Pick<Failure, 'code' | 'message' | 'at' | 'contextTokens'>;
    }
  /** The person wants every rung to be tried again. */
  | { readonly type: 'forgiven'; readonly model: ModelId };

/** What is to be loaded. */
export interface Wish {
  /** Null while nobody knows: a file on its way in. */
  readonly model: ModelId | null;
  /** Where the person wants to begin; null: at the top. */
  readonly pinned: Rung | null;
  readonly contextTokens: number;
  /** The guide: so small that the CPU answers before a GPU has built its shaders. */
  readonly isSmall: boolean;
}

/** Why a rung is not tried. */
export type Obstacle =
  | { readonly type: 'no-webgpu' }
  | { readonly type: 'no-adapter' }
  | { readonly type: 'no-f16' }
  | { readonly type: 'software' }
  | { readonly type: 'small' }
  | { readonly type: 'failed'; readonly failure: Failure };

export const UNKNOWN_DEVICE: Ladder = { capability: null, place: null, outcomes: {} };

export function reduce(ladder: Ladder, event: LadderEvent): Ladder {
  switch (event.type) {
    case 'looked': {
      const { capability, place } = event;
      if (isKnown(place, ladder.place)) return { ...ladder, capability };
      return { capability, place, outcomes: {} };
    }
    case 'ready':
      return change(ladder, event, ({ failure }) => ({ hasWorked: true, failure }));
    case 'answered':
      return change(ladder, event, ({ failure }) => ({
        hasWorked: true,
        failure: failure !== null && MAY_COME_FROM_OUTSIDE.has(failure.code) ? null : failure,
      }));
    case 'failed':
      return change(ladder, event, ({ hasWorked, failure }) => ({
        hasWorked,
        failure: { ...event.failure, times: (failure?.times ?? 0) + 1, isOfThisVisit: true },
      }));
    case 'forgiven': {
      const { [event.model]: _, ...outcomes } = ladder.outcomes;
      return { ...ladder, outcomes };
    }
    default:
      return unreachable(event);
  }
}

/** A GPU that is away for a while has not changed: what is known of it stays. */
function isKnown(found: Place, known: Place | null): boolean {
  if (known === null || found.versions !== known.versions) return false;
  return found.adapter === null || found.adapter === known.adapter;
}

/** The highest rung that the person allows and nothing speaks against; the lowest when all others are out. */
export function rungFor(ladder: Ladder, wish: Wish): Rung {
  const from = wish.pinned === null ? 0 : RUNGS.indexOf(wish.pinned);
  const found = RUNGS.slice(from).find((rung) => obstacleTo(rung, ladder, wish) === null);
  return found ?? LOWEST_RUNG;
}

/** What speaks against a rung; null when it is worth trying, as the lowest always is. */
export function obstacleTo(rung: Rung, ladder: Ladder, wish: Wish): Obstacle | null {
  if (rung === LOWEST_RUNG) return null;
  const lack = isGpuRung(rung) ? lackFor(rung, ladder.capability, wish) : null;
  return lack ?? failureOf(rung, ladder, wish);
}

function lackFor(
  rung: GpuRung,
  capability: Capability | null,
  { pinned, isSmall }: Wish,
): Exclude<Obstacle, { readonly type: 'failed' }> | null {
  if (capability === null) return { type: 'no-webgpu' };
  const { gpu } = capability;
  if (gpu.type !== 'adapter') return { type: gpu.type };
  const { features, isSoftware } = gpu.adapter;
  if (rung !== 'webgpu-f32' && !features.includes('shader-f16')) return { type: 'no-f16' };
  if (pinned !== null) return null; // one who asks for what is slower may have it
  if (isSoftware) return { type: 'software' }; // slower than the CPU engine on the same processor
  return isSmall ? { type: 'small' } : null;
}

function failureOf(rung: Rung, ladder: Ladder, wish: Wish): Obstacle | null {
  const outcome = wish.model === null ? undefined : ladder.outcomes[wish.model]?.[rung];
  if (outcome === undefined || outcome.failure === null) return null;
  const { failure, hasWorked } = outcome;
  if (isMishap(rung, outcome)) return null;
  return counts(failure, hasWorked, wish) ? { type: 'failed', failure } : null;
}

/**
 * A thread or worker that died on the CPU once: the engine is started again where it was. With it, nothing of the device is
 * lost, and the rung below is slower and needs another form.
 */
function isMishap(rung: Rung, { hasWorked, failure }: Outcome): boolean {
  if (failure === null || isGpuRung(rung) || !hasWorked) return false;
  return failure.times < 2 && MAY_COME_FROM_OUTSIDE.has(failure.code);
}

function counts(failure: Failure, hasWorked: boolean, wish: Wish): boolean {
  if (failure.code === 'out-of-memory') return wish.contextTokens >= failure.contextTokens;
  if (failure.isOfThisVisit) return true;
  if (failure.code === 'storage-full') return false; // there may be room by now
  if (wish.pinned !== null) return false;
  const hasSecondChance = hasWorked && failure.times < 2 && MAY_COME_FROM_OUTSIDE.has(failure.code);
  return !hasSecondChance;
}

/**
 * Failures of the engine: another rung may do better. All others are of the file, the disk or the request, and would
 * only happen again.
 */
const OF_THE_ENGINE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'webgpu-unavailable',
  'webgpu-lost',
  'self-test-failed',
  'out-of-memory',
  'runtime-failed',
  'worker-died',
  'worker-silent',
  'page-died',
  'internal',
]);

export function isOfTheEngine(code: ErrorCode): boolean {
  return OF_THE_ENGINE.has(code);
}

/** A driver that is updated, a laptop that sleeps, a busy machine: what has worked before is tried once more. */
const MAY_COME_FROM_OUTSIDE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'webgpu-lost',
  'worker-died',
  'worker-silent',
]);

/** With these, the form itself is of no use in this place: it was run, and not for lack of anything. */
const SPENDING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'webgpu-unavailable',
  'self-test-failed',
  'runtime-failed',
]);

/** Whether every rung that runs the form for this target has failed for good. */
export function isSpent(target: Target, outcomes: OutcomesOfModel | undefined): boolean {
  return RUNGS.filter((rung) => TARGET_OF_RUNG[rung] === target).every((rung) => {
    const code = outcomes?.[rung]?.failure?.code;
    return code !== undefined && SPENDING.has(code);
  });
}

function change(
  ladder: Ladder,
  { model, rung }: { readonly model: ModelId; readonly rung: Rung },
  next: (outcome: Outcome) => Outcome,
): Ladder {
  if (rung === LOWEST_RUNG) return ladder; // tried whatever happened before
  const ofModel = ladder.outcomes[model];
  const outcome = next(ofModel?.[rung] ?? { hasWorked: false, failure: null });
  return {
    ...ladder,
    outcomes: { ...ladder.outcomes, [model]: { ...ofModel, [rung]: outcome } },
  };
}
