/**
 * One step of the model: tokens through layers, then logits of some rows. Every thread of the team calls `runStep` once; the operations divide
 * themselves. Meanings of all arguments: src/engine/simd/kernel-exports.ts.
 */
import { layerOf, Model } from '../model/model';
import { isLost, lostWord, meet } from '../threads/team';
import { runHead } from './head';
import { runLayer } from './layer';
import { embedTokens } from './rows';

const STEP_DONE: i32 = 0;
const STEP_LOST: i32 = 1;

export function prepareStep(
  model: usize,
  rows: i32,
  start: i32,
  firstLayer: i32,
  endLayer: i32,
  firstHeadRow: i32,
  headRows: i32,
): void {
  const m = changetype<Model>(model);
  m.rows = rows;
  m.start = start;
  m.firstLayer = firstLayer;
  m.endLayer = endLayer;
  m.firstHeadRow = firstHeadRow;
  m.headRows = headRows;
}

export function runStep(model: usize, thread: i32): i32 {
  const m = changetype<Model>(model);
  // Read now: when this thread leaves the last meeting, another may be preparing the next step.
  const rows = m.rows;
  const start = m.start;
  const endLayer = m.endLayer;
  const firstHeadRow = m.firstHeadRow;
  const headRows = m.headRows;
  if (m.firstLayer == 0 && rows > 0) {
    embedTokens(m, rows);
    meet(m.team);
  }
  for (let layer = m.firstLayer; layer < endLayer && !isLost(m.team); layer++) {
    runLayer(m, layerOf(model, layer), thread, start, rows);
  }
  if (headRows > 0 && !isLost(m.team)) runHead(m, thread, firstHeadRow, headRows);
  return isLost(m.team) ? STEP_LOST : STEP_DONE;
}

export function stepTokens(model: usize): usize {
  return changetype<Model>(model).tokens;
}

export function stopWord(model: usize): usize {
  return lostWord(changetype<Model>(model).team);
}

export function logits(model: usize): usize {
  return changetype<Model>(model).logits;
}

export function leaderIds(model: usize): usize {
  return changetype<Model>(model).leaderIds;
}

export function leaderLogits(model: usize): usize {
  return changetype<Model>(model).leaderLogits;
}

export function logNormalisers(model: usize): usize {
  return changetype<Model>(model).logNormalisers;
}
