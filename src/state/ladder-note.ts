import { ERROR_CODES, type ErrorCode } from '../contract/errors.ts';
import { toModelId, type ModelId } from '../contract/model.ts';
import { RUNGS, type Rung } from '../contract/rungs.ts';
import type { Failure, Ladder, Outcome, Outcomes } from './ladder.ts';

/** What one visit tells the next. A new `version` comes with a migration of the old. */
interface LadderNote {
  readonly version: 1;
  readonly place: string | null;
  readonly outcomes: Outcomes;
}

export function printLadder({ place, outcomes }: Ladder): string {
  return JSON.stringify({ version: 1, place, outcomes } satisfies LadderNote);
}

/**
 * What an earlier visit knew. Read with distrust: another version of the page may have written it, and what is not
 * understood is as good as unknown.
 */
export function parseLadder(json: string | null): Pick<Ladder, 'place' | 'outcomes'> {
  const note = readObject(json);
  if (note['version'] !== 1 || typeof note['place'] !== 'string') {
    return { place: null, outcomes: {} };
  }
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
  return { place: note['place'], outcomes };
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
