/** One layer's keys and values as a flat copy (attention/snapshot.ts): head by head, keys before values. */
import {
  restoreKeys,
  restoreValues,
  saveKeys,
  saveValues,
  snapshotBytes,
} from '../attention/snapshot';
import { headCacheOf, layerOf, Model } from './model';

/** Bytes of the copy of the first `length` positions. */
export function layerSnapshotBytes(model: usize, length: i32): usize {
  const m = changetype<Model>(model);
  return ((2 * m.keyValueHeads) as usize) * snapshotBytes(length, m.headSize);
}

export function saveLayer(model: usize, layer: i32, length: i32, to: usize): void {
  const m = changetype<Model>(model);
  const l = layerOf(model, layer);
  const bytes = snapshotBytes(length, m.headSize);
  for (let head = 0; head < m.keyValueHeads; head++) {
    saveKeys(headCacheOf(m, l.keys, head), m.contextTokens, length, m.headSize, to);
    saveValues(headCacheOf(m, l.values, head), m.contextTokens, length, m.headSize, to + bytes);
    to += 2 * bytes;
  }
}

export function restoreLayer(model: usize, layer: i32, length: i32, from: usize): void {
  const m = changetype<Model>(model);
  const l = layerOf(model, layer);
  const bytes = snapshotBytes(length, m.headSize);
  for (let head = 0; head < m.keyValueHeads; head++) {
    restoreKeys(headCacheOf(m, l.keys, head), m.contextTokens, length, m.headSize, from);
    restoreValues(
      headCacheOf(m, l.values, head),
      m.contextTokens,
      length,
      m.headSize,
      from + bytes,
    );
    from += 2 * bytes;
  }
}
