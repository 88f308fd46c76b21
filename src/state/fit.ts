import { COMPILED_PER_SOURCE_BYTE } from '../contract/room.ts';
import type { CatalogEntry } from '../contract/store.ts';
import type { RoomFacts } from './dependencies.ts';

/** Whether there is room on this device for a model. Of memory it says nothing: browsers do not tell. */
export interface Fit {
  readonly isEnough: boolean;
  /** The file and its compiled form. */
  readonly neededBytes: number;
  /** What the browser would still give this page. */
  readonly leftBytes: number;
}

/** @returns null where the browser does not tell how much room there is */
export function fitOf({ totalBytes }: CatalogEntry, facts: RoomFacts | null): Fit | null {
  const leftBytes = facts?.leftBytes ?? null;
  if (leftBytes === null) return null;
  const neededBytes = Math.round(totalBytes * (1 + COMPILED_PER_SOURCE_BYTE));
  return { isEnough: neededBytes <= leftBytes, neededBytes, leftBytes };
}
