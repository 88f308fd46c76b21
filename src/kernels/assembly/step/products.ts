/** Operations that are matrix products. A share is some groups of the matrix's rows, for all rows of the step. */
import { rowBytes } from '../align';
import { GROUP_ROWS, Matrix } from '../matrix';
import { Layer, Model, qkvWidth } from '../model/model';
import { groupsOfShare, multiply } from '../product/multiply';
import { swiglu } from '../swiglu';
import { takeShare } from '../threads/team';

/** q, k and v of all rows, side by side in `wide`. */
export function projectQkv(m: Model, l: Layer, rows: i32): void {
  const stride = rowBytes(qkvWidth(m));
  const groups = changetype<Matrix>(l.qkv).groups;
  const size = groupsOfShare(l.qkv);
  for (let first = takeShare(m.team) * size; first < groups; first = takeShare(m.team) * size) {
    const end = min(groups, first + size);
    for (let row = 0; row < rows; row++) {
      const y = m.wide + (row as usize) * stride;
      copyBias(y, l.qkvBias, first * GROUP_ROWS, end * GROUP_ROWS, qkvWidth(m));
    }
    multiply(l.qkv, m.packed, m.packedScales, rows, m.wide, stride, first, end, m.form);
  }
}

/** y[first … end) ← bias, and 0 beyond `width`. */
function copyBias(y: usize, bias: usize, first: i32, end: i32, width: i32): void {
  const biased = max(0, min(end, width) - first);
  const at = (first as usize) << 2;
  memory.copy(y + at, bias + at, (biased as usize) << 2);
  const rest = y + (((first + biased) as usize) << 2);
  memory.fill(rest, 0, ((end - first - biased) as usize) << 2);
}

/** Adds a product to the residual stream. @param matrix [width][the packed rows' columns] */
export function addToHidden(m: Model, matrix: usize, rows: i32): void {
  const stride = rowBytes(m.width);
  const groups = changetype<Matrix>(matrix).groups;
  const size = groupsOfShare(matrix);
  for (let first = takeShare(m.team) * size; first < groups; first = takeShare(m.team) * size) {
    const end = min(groups, first + size);
    multiply(matrix, m.packed, m.packedScales, rows, m.hidden, stride, first, end, m.form);
  }
}

/** silu(gate x) · up x of all rows, in `wide`. */
export function projectGated(m: Model, l: Layer, rows: i32): void {
  const stride = rowBytes(m.feedForwardWidth);
  const groups = changetype<Matrix>(l.gate).groups;
  const size = groupsOfShare(l.gate);
  for (let first = takeShare(m.team) * size; first < groups; first = takeShare(m.team) * size) {
    const end = min(groups, first + size);
    const at = ((first * GROUP_ROWS) as usize) << 2;
    const count = (end - first) * GROUP_ROWS;
    clearColumns(m.wide + at, stride, count, rows);
    multiply(l.gate, m.packed, m.packedScales, rows, m.wide, stride, first, end, m.form);
    clearColumns(m.up + at, stride, count, rows);
    multiply(l.up, m.packed, m.packedScales, rows, m.up, stride, first, end, m.form);
    for (let row = 0; row < rows; row++) {
      const offset = (row as usize) * stride + at;
      swiglu(m.wide + offset, m.up + offset, count);
    }
  }
}

export function clearColumns(y: usize, stride: usize, count: i32, rows: i32): void {
  for (let row = 0; row < rows; row++) {
    memory.fill(y + (row as usize) * stride, 0, (count as usize) << 2);
  }
}
