/** The memory that steps work in: activations, what each thread needs for itself, results. */
import { packedRowBytes } from '../activations';
import { alignBytes, pad, rowBytes } from '../align';
import { ATTEND_SCRATCH_BYTES, SLICE_KEYS } from '../attention/attend-slice';
import { stateBytes } from '../attention/state';
import { LEADERS, LIST_BYTES } from '../head/leaders';
import { sharesOfHead } from '../head/shares';
import { MAX_DECODE_ROWS } from '../product/multiply';
import { createTeam, TEAM_BYTES } from '../threads/team';
import { groupHeads, Model, qkvWidth } from './model';

/** Forgets the workspace that there is: `createWorkspace` comes next. */
export function workspaceBytes(model: usize, chunkRows: i32, headRows: i32, threads: i32): usize {
  return layOut(changetype<Model>(model), 0, chunkRows, headRows, threads);
}

export function createWorkspace(
  model: usize,
  workspace: usize,
  chunkRows: i32,
  headRows: i32,
  threads: i32,
): void {
  const m = changetype<Model>(model);
  layOut(m, workspace, chunkRows, headRows, threads);
  createTeam(m.team, threads);
}

export function setThreads(model: usize, threads: i32): void {
  createTeam(changetype<Model>(model).team, threads);
}

/** Gives every part its place from `start` on. @returns the first byte behind them */
function layOut(m: Model, start: usize, chunkRows: i32, headRows: i32, threads: i32): usize {
  const rows = chunkRows as usize;
  const heads = headRows as usize;
  let at = start;

  m.team = at;
  at += TEAM_BYTES;
  m.tokens = at;
  at += alignBytes(rows << 2);
  m.hidden = at;
  at += rows * rowBytes(m.width);
  m.packed = at;
  at += rows * packedRowBytes(pad(widestInput(m)));
  m.packedScales = at;
  at += alignBytes(rows << 2);
  m.wide = at;
  at += rows * rowBytes(max(qkvWidth(m), m.feedForwardWidth));
  m.up = at;
  at += rows * rowBytes(m.feedForwardWidth);
  m.queries = at;
  at += alignBytes(rows * packedRowBytes(m.queryHeads * m.headSize));
  m.queryScales = at;
  at += alignBytes((rows * (m.queryHeads as usize)) << 2);
  m.states = at;
  at += alignBytes(mostStates(m, chunkRows) * stateBytes(m.headSize));
  m.logits = at;
  at += heads * rowBytes(m.vocabulary);
  m.shareSums = at;
  at += alignBytes((heads * (sharesOfHead(m.vocabulary) as usize)) << 3);
  m.leaderIds = at;
  at += (heads * (LEADERS as usize)) << 2;
  m.leaderLogits = at;
  at += (heads * (LEADERS as usize)) << 2;
  m.logNormalisers = at;
  at += alignBytes(heads << 2);
  m.threadRows = at;
  at += (threads as usize) * rowBytes(widestInput(m));
  m.threadScratch = at;
  at += (threads as usize) * ATTEND_SCRATCH_BYTES;
  m.threadStates = at;
  at += (threads as usize) * threadStatesBytes(m);
  m.threadLists = at;
  m.listsOfThread = headRows;
  return at + (threads as usize) * heads * LIST_BYTES;
}

/** Columns of the widest matrix. */
function widestInput(m: Model): i32 {
  return max(max(m.width, m.feedForwardWidth), m.queryHeads * m.headSize);
}

/** States of one step: one for each query, or, for few rows, one for each query and slice of the context. */
function mostStates(m: Model, chunkRows: i32): usize {
  const slices = (m.contextTokens + SLICE_KEYS - 1) / SLICE_KEYS;
  const rows = max(chunkRows, min(chunkRows, MAX_DECODE_ROWS) * slices);
  return (rows as usize) * (m.queryHeads as usize);
}

/** States of one slice, for the heads that share its keys. */
function threadStatesBytes(m: Model): usize {
  return alignBytes((groupHeads(m) as usize) * stateBytes(m.headSize));
}

// What one thread has for itself.

/** Address of float32 [the widest input]. */
export function rowOfThread(m: Model, thread: i32): usize {
  return m.threadRows + (thread as usize) * rowBytes(widestInput(m));
}

export function scratchOfThread(m: Model, thread: i32): usize {
  return m.threadScratch + (thread as usize) * ATTEND_SCRATCH_BYTES;
}

export function statesOfThread(m: Model, thread: i32): usize {
  return m.threadStates + (thread as usize) * threadStatesBytes(m);
}

/** Address of a thread's list of leaders for one row of logits. */
export function listOfThread(m: Model, thread: i32, headRow: i32): usize {
  return m.threadLists + ((thread * m.listsOfThread + headRow) as usize) * LIST_BYTES;
}
