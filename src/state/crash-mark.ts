/**
 * Notices that a page died while it did something risky. A mark is laid before and lifted after; one that is found
 * when no page is left that laid it says what that page died of. Pages out of sight leave no mark: systems end those
 * at will, and people close them.
 */
import { toModelId, type ModelId } from '../contract/model.ts';
import { RUNGS, type Rung } from '../contract/rungs.ts';
import type { Notes, Presence } from './dependencies.ts';

/** What a page was doing: preparing a model for a rung, or loading it there. */
export interface Risk {
  /** Null for a file whose hash is not known yet. */
  readonly model: ModelId | null;
  readonly rung: Rung;
  /** Name of the phase, for the statistics and reports. */
  readonly phase: string;
}

export interface CrashMark {
  /** In place of the mark that may lie there. @returns takes it away again, unless another has taken its place */
  readonly lay: (risk: Risk) => () => void;
  /** What another page died of; null when none did. Said once: the mark is gone then. */
  readonly find: () => Promise<Risk | null>;
}

const NOTE = 'offgrid.risk';

export function createCrashMark(notes: Notes, presence: Presence): CrashMark {
  let risk: Risk | null = null;
  let isSeen = true;

  function show(): void {
    if (risk !== null && isSeen) {
      notes.write(NOTE, JSON.stringify({ version: 1, page: presence.id, risk }));
    } else if (parseMark(notes.read(NOTE))?.page === presence.id) {
      notes.write(NOTE, null);
    }
  }

  presence.watch((isSeenNow) => {
    isSeen = isSeenNow;
    show();
  });

  return {
    lay(next) {
      risk = next;
      show();
      return () => {
        if (risk !== next) return;
        risk = null;
        show();
      };
    },
    async find() {
      const mark = parseMark(notes.read(NOTE));
      if (mark === null || (await presence.isOpen(mark.page))) return null;
      notes.write(NOTE, null);
      return mark.risk;
    },
  };
}

/** Null for what this version did not write. */
function parseMark(json: string | null): { readonly page: string; readonly risk: Risk } | null {
  if (json === null) return null;
  try {
    const { version, page, risk } = JSON.parse(json) as Record<string, unknown>;
    if (version !== 1 || typeof page !== 'string') return null;
    const { model, rung, phase } = risk as Record<string, unknown>;
    const known = RUNGS.find((name) => name === rung);
    if (known === undefined || typeof phase !== 'string') return null;
    return {
      page,
      risk: { model: typeof model === 'string' ? toModelId(model) : null, rung: known, phase },
    };
  } catch {
    return null;
  }
}
