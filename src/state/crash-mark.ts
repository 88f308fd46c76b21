/**
 * Notices that a page died while it did something risky. A mark is laid before and lifted after; one that is found
 * when no page is left that laid it says what that page died of. Pages out of sight leave no mark: systems end those
 * at will, and people close them.
 */
import { toModelId, type ModelId } from '../contract/model.ts';
import { RUNGS, type Rung } from '../contract/rungs.ts';
import type { Marks, Presence } from './dependencies.ts';

/** What a page was doing: preparing a model for a rung, or loading it there. */
export interface Risk {
  /** Null for a file whose hash is not known yet. */
  readonly model: ModelId | null;
  readonly rung: Rung;
  /** Name of the phase, for the statistics and reports. */
  readonly phase: string;
}

export interface CrashMark {
  /** In place of the mark that this page has laid. @returns takes it away again, unless another has taken its place */
  readonly lay: (risk: Risk) => () => void;
  /** What another page died of; null when none did. Said once: the mark is gone then. */
  readonly find: () => Promise<Risk | null>;
}

export function createCrashMark(marks: Marks, presence: Presence): CrashMark {
  let risk: Risk | null = null;
  let isSeen = true;
  let lying: string | null = null;

  function show(): void {
    const wanted = risk !== null && isSeen ? nameOf(presence.id, risk) : null;
    if (wanted === lying) return;
    if (wanted !== null) marks.lay(wanted);
    if (lying !== null) marks.lift(lying);
    lying = wanted;
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
      let found: Risk | null = null;
      for (const name of await marks.list()) {
        const mark = parseName(name);
        if (mark !== null && (await presence.isOpen(mark.page))) continue;
        marks.lift(name);
        found ??= mark?.risk ?? null;
      }
      return found;
    },
  };
}

const BETWEEN = '~';

function nameOf(page: string, { model, rung, phase }: Risk): string {
  return [page, model ?? '', rung, phase].join(BETWEEN);
}

/** Null for what this version did not write. */
function parseName(name: string): { readonly page: string; readonly risk: Risk } | null {
  const [page, model, rung, phase, ...more] = name.split(BETWEEN);
  const known = RUNGS.find((name) => name === rung);
  if (!page || known === undefined || !phase || more.length > 0) return null;
  try {
    return { page, risk: { model: model ? toModelId(model) : null, rung: known, phase } };
  } catch {
    return null;
  }
}
