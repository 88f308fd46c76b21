import { rowBytes } from '../align';
import { addLeaders, clearList, LEADERS, LIST_BYTES, mergeLists } from '../head/leaders';
import { logNormaliser, SUM_BYTES, sumOfPart } from '../head/normaliser';
import { SHARE_GROUPS, SHARE_ROWS, sharesOfHead } from '../head/shares';
import { GROUP_ROWS, Matrix } from '../matrix';
import { Model } from '../model/model';
import { listOfThread } from '../model/workspace';
import { multiply } from '../product/multiply';
import { meet, takeShare, threadsOf } from '../threads/team';
import { packNormalised } from './pack-rows';
import { clearColumns } from './products';

/** Logits of some of the hidden rows, their leaders and normalisers. */
export function runHead(m: Model, thread: i32, firstRow: i32, rows: i32): void {
  packNormalised(m, thread, m.outputNorm, firstRow, rows);
  for (let row = 0; row < rows; row++) clearList(listOfThread(m, thread, row));
  meet(m.team);
  projectLogits(m, thread, rows);
  meet(m.team);
  finishLogits(m, rows);
  meet(m.team);
}

/** A share is `SHARE_ROWS` tokens of the vocabulary; each thread keeps the leaders of its shares. */
function projectLogits(m: Model, thread: i32, rows: i32): void {
  const stride = rowBytes(m.vocabulary);
  const groups = changetype<Matrix>(m.head).groups;
  const shares = sharesOfHead(m.vocabulary);
  for (let share = takeShare(m.team); share < shares; share = takeShare(m.team)) {
    const first = share * SHARE_GROUPS;
    const end = min(groups, first + SHARE_GROUPS);
    const count = (end - first) * GROUP_ROWS;
    const logits = m.logits + (((first * GROUP_ROWS) as usize) << 2);
    clearColumns(logits, stride, count, rows);
    multiply(m.head, m.packed, m.packedScales, rows, m.logits, stride, first, end, m.form);
    for (let row = 0; row < rows; row++) {
      const ofRow = logits + (row as usize) * stride;
      if (share == shares - 1) hidePadding(m, m.logits + (row as usize) * stride);
      sumOfPart(ofRow, count, sumOf(m, row, share));
      addLeaders(listOfThread(m, thread, row), ofRow, count, share * SHARE_ROWS);
    }
  }
}

/** Rows that fill the last group are no tokens. */
function hidePadding(m: Model, logits: usize): void {
  const end = logits + rowBytes(m.vocabulary);
  for (let p = logits + ((m.vocabulary as usize) << 2); p < end; p += 4) f32.store(p, -Infinity);
}

/** A share is a row of logits. */
function finishLogits(m: Model, rows: i32): void {
  const threads = threadsOf(m.team);
  const stride = (m.listsOfThread as usize) * LIST_BYTES;
  for (let row = takeShare(m.team); row < rows; row = takeShare(m.team)) {
    const offset = ((row * LEADERS) as usize) << 2;
    const lists = listOfThread(m, 0, row);
    mergeLists(lists, threads, stride, m.leaderIds + offset, m.leaderLogits + offset);
    const normaliser = logNormaliser(sumOf(m, row, 0), sharesOfHead(m.vocabulary));
    f32.store(m.logNormalisers + ((row as usize) << 2), normaliser);
  }
}

function sumOf(m: Model, row: i32, share: i32): usize {
  return m.shareSums + ((row * sharesOfHead(m.vocabulary) + share) as usize) * SUM_BYTES;
}
