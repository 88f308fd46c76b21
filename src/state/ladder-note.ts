import { ERROR_CODES, type ErrorCode } from '../contract/errors.ts';
import { toModelId, type ModelId } from '../contract/model.ts';
import { RUNGS, type Rung } from '../contract/rungs.ts';
import type { Failure, Ladder, Outcome, Outcomes, Place } from './ladder.ts';

/** What one visit tells the next. Of an older `version` nothing is taken over: everything is tried again once. */
interface LadderNote {
  readonly version: 2;
  readonly place: Place | null;
  readonly outcomes: Outcomes;
}

export function printLadder({ place, outcomes }: Ladder): string {
  return JSON.stringify({ version: 2, place, outcomes } satisfies LadderNote);
}

/**
 * What an earlier visit knew. Read with distrust: another version of the page may have written it, and what is not
 * understood is as good as unknown.
 */
export function parseLadder(json: string | null): Pick<Ladder, 'place' | 'outcomes'> {
  const note = readObject(json);
  const place = parsePlace(note['place']);
  if (note['version'] !== 2 || place === null) return { place: null, outcomes: {} };
  const outcomes: Record<ModelId, Partial<Record<Rung, Outcome>>> = {};
  for (const [model, found] of Object.entries(asObject(note['outcomes']))) {
    if (!/^[0-9a-f]{64}$/.test(model)) continue;
    const ofModel: Partial<Record<Rung, Outcome>> = {};
    for (const rung of RUNGS) {
      const outcome = parseOutcome(asObject(found)[rung]);
      if (outcome !== null) ofModel[rung] = outcome;
    }
    outcomes[toModelId(model)] = ofModel;
  }
  return { place, outcomes };
}

function parsePlace(value: unknown): Place | null {
  const { adapter, versions } = asObject(value);
  if (adapter !== null && typeof adapter !== 'string') return null;
  return typeof versions === 'string' ? { adapter, versions } : null;
}

function parseOutcome(value: unknown): Outcome | null {
  const { hasWorked, failure } = asObject(value);
  if (typeof hasWorked !== 'boolean') return null;
  return { hasWorked, failure: parseFailure(failure) };
}

function parseFailure(value: unknown): Failure | null {
  const { code, message, at, times, contextTokens } = asObject(value);
  if (!isErrorCode(code) || typeof message !== 'string' || typeof at !== 'string') return null;
  if (typeof times !== 'number' || typeof contextTokens !== 'number') return null;
  return { code, message, at, times, contextTokens, isOfThisVisit: false };
}

function isErrorCode(value: unknown): value is ErrorCode {
  return ERROR_CODES.some((code) => code === value);
}

function readObject(json: string | null): Record<string, unknown> {
  if (json === null) return {};
  try {
    return asObject(JSON.parse(json));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
