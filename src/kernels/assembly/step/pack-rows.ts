/** Operations that make rows of activations ready for a product. A share is a tile of rows. */
import { packRow, TILE_ROWS } from '../activations';
import { pad, rowBytes } from '../align';
import { finishState, mergeStates, stateBytes } from '../attention/state';
import { Model } from '../model/model';
import { rowOfThread } from '../model/workspace';
import { MAX_DECODE_ROWS } from '../product/multiply';
import { rmsNorm } from '../rms-norm';
import { takeShare } from '../threads/team';
import { slicesOf, stateOf } from './attend';

/** RMS norm of the hidden rows from `firstRow` on. */
export function packNormalised(
  m: Model,
  thread: i32,
  weight: usize,
  firstRow: i32,
  rows: i32,
): void {
  const y = rowOfThread(m, thread);
  clearPadding(y, m.width);
  for (let first = takeTile(m); first < rows; first = takeTile(m)) {
    for (let row = first; row < min(rows, first + TILE_ROWS); row++) {
      const x = m.hidden + ((firstRow + row) as usize) * rowBytes(m.width);
      rmsNorm(x, weight, m.width, m.rmsEpsilon, y);
      packRow(y, pad(m.width), m.packed, m.packedScales, row, rows, m.form);
    }
  }
}

/** What attention gives, all heads side by side. */
export function packAttended(m: Model, thread: i32, start: i32, rows: i32): void {
  const width = m.queryHeads * m.headSize;
  const y = rowOfThread(m, thread);
  for (let first = takeTile(m); first < rows; first = takeTile(m)) {
    for (let row = first; row < min(rows, first + TILE_ROWS); row++) {
      finishHeads(m, start + row, row, rows, y);
      packRow(y, pad(width), m.packed, m.packedScales, row, rows, m.form);
    }
  }
}

/** Merges the slices where attention has left them apart. */
function finishHeads(m: Model, position: i32, row: i32, rows: i32, y: usize): void {
  const slices = rows <= MAX_DECODE_ROWS ? slicesOf(position) : 1;
  for (let head = 0; head < m.queryHeads; head++) {
    const offset = (head as usize) * stateBytes(m.headSize);
    const state = stateOf(m, rows, 0, row) + offset;
    for (let slice = 1; slice < slices; slice++) {
      mergeStates(state, stateOf(m, rows, slice, row) + offset, m.headSize);
    }
    finishState(state, m.headSize, y + (((head * m.headSize) as usize) << 2));
  }
}

/** What the gates have let through. */
export function packGated(m: Model, rows: i32): void {
  const stride = rowBytes(m.feedForwardWidth);
  for (let first = takeTile(m); first < rows; first = takeTile(m)) {
    for (let row = first; row < min(rows, first + TILE_ROWS); row++) {
      const x = m.wide + (row as usize) * stride;
      packRow(x, pad(m.feedForwardWidth), m.packed, m.packedScales, row, rows, m.form);
    }
  }
}

/** The first row of the tile that this thread does next. */
function takeTile(m: Model): i32 {
  return takeShare(m.team) * TILE_ROWS;
}

function clearPadding(row: usize, width: i32): void {
  memory.fill(row + ((width as usize) << 2), 0, ((pad(width) - width) as usize) << 2);
}
