/** Attention of a step's rows to all keys up to their own. Rows of a step see the cache and the rows before them. */
import { packedRowBytes } from '../activations';
import { attendSlice, SLICE_KEYS } from '../attention/attend-slice';
import { cacheFrom, scalesFrom } from '../attention/cache';
import { mergeStates, stateBytes } from '../attention/state';
import { groupHeads, headCacheOf, Layer, Model } from '../model/model';
import { scratchOfThread, statesOfThread } from '../model/workspace';
import { MAX_DECODE_ROWS } from '../product/multiply';
import { takeShare } from '../threads/team';

/** Rows of a prompt that go through a slice of keys together. */
const SHARE_ROWS: i32 = 8;

/** Leaves a state for each query (`stateOf`), or, for few rows, one for each query and slice. */
export function attend(m: Model, l: Layer, thread: i32, start: i32, rows: i32): void {
  if (rows <= MAX_DECODE_ROWS) attendBySlices(m, l, thread, start, rows);
  else attendByRows(m, l, thread, start, rows);
}

/** Slices of keys that a position sees. */
export function slicesOf(position: i32): i32 {
  return position / SLICE_KEYS + 1;
}

/**
 * Address of the state of a row's first query head.
 *
 * @param slice 0 where a step has more than `MAX_DECODE_ROWS` rows: there, all slices have been merged
 */
export function stateOf(m: Model, rows: i32, slice: i32, row: i32): usize {
  const first = ((slice * rows + row) * m.queryHeads) as usize;
  return m.states + first * stateBytes(m.headSize);
}

/** For few rows: a share is one slice of one head's keys, for all rows, so that a long context is divided as well. */
function attendBySlices(m: Model, l: Layer, thread: i32, start: i32, rows: i32): void {
  const shares = slicesOf(start + rows - 1) * m.keyValueHeads;
  for (let share = takeShare(m.team); share < shares; share = takeShare(m.team)) {
    const slice = share / m.keyValueHeads;
    const head = share % m.keyValueHeads;
    for (let row = max(0, slice * SLICE_KEYS - start); row < rows; row++) {
      const states = stateOf(m, rows, slice, row) + groupStatesBytes(m, head);
      attendToSlice(m, l, thread, start, row, head, slice, states);
    }
  }
}

/** For a prompt: a share is some rows of one head, over all slices one after the other. The last rows have the most to do and come first. */
function attendByRows(m: Model, l: Layer, thread: i32, start: i32, rows: i32): void {
  const ofSlice = statesOfThread(m, thread);
  const parts = (rows + SHARE_ROWS - 1) / SHARE_ROWS;
  const shares = parts * m.keyValueHeads;
  for (let share = takeShare(m.team); share < shares; share = takeShare(m.team)) {
    const head = share % m.keyValueHeads;
    const firstRow = (parts - 1 - share / m.keyValueHeads) * SHARE_ROWS;
    const endRow = min(rows, firstRow + SHARE_ROWS);
    const slices = slicesOf(start + endRow - 1);
    for (let slice = 0; slice < slices; slice++) {
      for (let row = max(firstRow, slice * SLICE_KEYS - start); row < endRow; row++) {
        const states = stateOf(m, rows, 0, row) + groupStatesBytes(m, head);
        attendToSlice(m, l, thread, start, row, head, slice, slice == 0 ? states : ofSlice);
        if (slice > 0) mergeGroup(m, states, ofSlice);
      }
    }
  }
}

/** One row's query heads of one key and value head. */
function attendToSlice(
  m: Model,
  l: Layer,
  thread: i32,
  start: i32,
  row: i32,
  head: i32,
  slice: i32,
  states: usize,
): void {
  const size = m.headSize;
  const firstHead = row * m.queryHeads + head * groupHeads(m);
  const firstKey = slice * SLICE_KEYS;
  const keys = headCacheOf(m, l.keys, head);
  const values = headCacheOf(m, l.values, head);
  attendSlice(
    m.queries + (firstHead as usize) * packedRowBytes(size),
    m.queryScales + ((firstHead as usize) << 2),
    groupHeads(m),
    cacheFrom(keys, firstKey, size),
    scalesFrom(keys, firstKey, m.contextTokens, size),
    cacheFrom(values, firstKey, size),
    scalesFrom(values, firstKey, m.contextTokens, size),
    min(SLICE_KEYS, start + row + 1 - firstKey),
    size,
    scratchOfThread(m, thread),
    states,
  );
}

function mergeGroup(m: Model, states: usize, others: usize): void {
  const bytes = stateBytes(m.headSize);
  for (let i = 0; i < groupHeads(m); i++) {
    mergeStates(states + (i as usize) * bytes, others + (i as usize) * bytes, m.headSize);
  }
}

/** Bytes of the states before those of a key and value head. */
function groupStatesBytes(m: Model, head: i32): usize {
  return ((head * groupHeads(m)) as usize) * stateBytes(m.headSize);
}
