/**
 * One head's keys or values as a flat copy: int16 [length][headSize], then their scales, float32 [length]. Bit for bit, and independent of how the
 * cache lies and of how much room it has.
 */
import { keyAt, positionBytes, scalesFrom, valueAt } from './cache';

/** Bytes of one head's keys or values. */
export function snapshotBytes(length: i32, headSize: i32): usize {
  return (length as usize) * (positionBytes(headSize) + 4);
}

export function saveKeys(
  cache: usize,
  positions: i32,
  length: i32,
  headSize: i32,
  to: usize,
): void {
  for (let position = 0; position < length; position++) {
    let from = keyAt(cache, position, headSize);
    for (const end = to + positionBytes(headSize); to < end; to += 8) {
      i64.store(to, i64.load(from));
      from += 32;
    }
  }
  memory.copy(to, scalesFrom(cache, 0, positions, headSize), (length as usize) << 2);
}

export function restoreKeys(
  cache: usize,
  positions: i32,
  length: i32,
  headSize: i32,
  from: usize,
): void {
  for (let position = 0; position < length; position++) {
    let to = keyAt(cache, position, headSize);
    for (const end = from + positionBytes(headSize); from < end; from += 8) {
      i64.store(to, i64.load(from));
      to += 32;
    }
  }
  memory.copy(scalesFrom(cache, 0, positions, headSize), from, (length as usize) << 2);
}

export function saveValues(
  cache: usize,
  positions: i32,
  length: i32,
  headSize: i32,
  to: usize,
): void {
  for (let position = 0; position < length; position++) {
    let from = valueAt(cache, position, headSize);
    for (const end = to + positionBytes(headSize); to < end; to += 2) {
      store<u16>(to, load<u16>(from));
      from += 4;
    }
  }
  memory.copy(to, scalesFrom(cache, 0, positions, headSize), (length as usize) << 2);
}

export function restoreValues(
  cache: usize,
  positions: i32,
  length: i32,
  headSize: i32,
  from: usize,
): void {
  for (let position = 0; position < length; position++) {
    let to = valueAt(cache, position, headSize);
    for (const end = from + positionBytes(headSize); from < end; from += 2) {
      store<u16>(to, load<u16>(from));
      to += 4;
    }
  }
  memory.copy(scalesFrom(cache, 0, positions, headSize), from, (length as usize) << 2);
}
