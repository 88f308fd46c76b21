import type { Target } from '../contract/model.ts';
import { formBytes } from '../contract/room.ts';
import type { CatalogEntry, MemoryNeed } from '../contract/store.ts';
import type { RoomFacts } from './dependencies.ts';

/** Whether this device can hold a model and run it, as far as the device tells, before the first byte. */
export interface Fit {
  /** The worse of the two below; null where nothing is known of either. */
  readonly verdict: Verdict | null;
  readonly room: RoomFit | null;
  readonly memory: MemoryFit | null;
}

/** `no`: not enough. `tight`: enough if nothing else wants it. */
export type Verdict = 'fits' | 'tight' | 'no';

/** Of the disk. */
export interface RoomFit {
  readonly verdict: Verdict;
  /** The file and its compiled form. */
  readonly neededBytes: number;
  /** What the browser would still give this page. */
  readonly leftBytes: number;
}

export interface MemoryFit {
  readonly verdict: Verdict;
  /** At the worst moment, which is while the model is loaded. */
  readonly neededBytes: number;
  /** Of the device; the least it may be, since browsers round and cap it. Null where the browser does not tell. */
  readonly deviceBytes: number | null;
  readonly basis: MemoryNeed['basis'];
}

export interface FitNeeds {
  readonly facts: RoomFacts | null;
  /** Of the device, as the browser tells. */
  readonly memoryBytes: number | null;
  /** What the model would be prepared for here. */
  readonly target: Target;
}

/** Left over after that, a disk is as good as full for everything else. */
const SPARE_ROOM = 0.1;

/**
 * Shares of the device's memory: a tab that takes up to the first is left alone, one that takes more than the second
 * is ended by phones and freezes laptops. Rules of thumb, since no browser tells what it would give.
 */
const CALM_SHARE = 0.25;
const MOST_SHARE = 0.5;

/** Of a page's WebAssembly, whatever the device has. */
const WASM_BYTES = 2 ** 32;

export function fitOf(
  { totalBytes, memory }: CatalogEntry,
  { facts, memoryBytes, target }: FitNeeds,
): Fit {
  const room = roomFit(totalBytes + formBytes(target, totalBytes), facts?.leftBytes ?? null);
  const need = memory[target];
  const memoryFit = need === undefined ? null : memoryFitOf(need, target, memoryBytes);
  const verdicts = [room?.verdict, memoryFit?.verdict];
  const verdict = (['no', 'tight', 'fits'] as const).find((worst) => verdicts.includes(worst));
  return { verdict: verdict ?? null, room, memory: memoryFit };
}

function roomFit(bytes: number, leftBytes: number | null): RoomFit | null {
  if (leftBytes === null) return null;
  const neededBytes = Math.round(bytes);
  const isCalm = neededBytes * (1 + SPARE_ROOM) <= leftBytes;
  const verdict = isCalm ? 'fits' : neededBytes <= leftBytes ? 'tight' : 'no';
  return { verdict, neededBytes, leftBytes };
}

function memoryFitOf(
  { peakBytes: neededBytes, basis }: MemoryNeed,
  target: Target,
  deviceBytes: number | null,
): MemoryFit | null {
  const isTooMuch = !target.startsWith('webgpu') && neededBytes > WASM_BYTES;
  if (isTooMuch) return { verdict: 'no', neededBytes, deviceBytes, basis };
  if (deviceBytes === null) return null;
  const share = neededBytes / deviceBytes;
  const verdict = share <= CALM_SHARE ? 'fits' : share <= MOST_SHARE ? 'tight' : 'no';
  return { verdict, neededBytes, deviceBytes, basis };
}
