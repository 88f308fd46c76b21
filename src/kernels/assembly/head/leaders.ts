/**
 * The largest of many logits, kept while they are made.
 *
 * A list in memory: int32 [LEADERS] ids and float32 [LEADERS] logits, largest first, −1 and −∞ where there are fewer. A list takes
 * logits by rising id; equal ones stay in that order.
 */
export const LEADERS: i32 = 64;

const LOGITS: usize = 64 * 4;
export const LIST_BYTES: usize = 2 * LOGITS;

export function clearList(list: usize): void {
  for (let i = 0; i < LEADERS; i++) put(list, i, -1, -Infinity);
}

/**
 * Puts in what of these belongs there.
 *
 * @param logits float32 [count], a multiple of 4
 * @param firstId the id of the first of them
 */
export function addLeaders(list: usize, logits: usize, count: i32, firstId: i32): void {
  let least = logitAt(list, LEADERS - 1);
  for (let i = 0; i < count; i += 4) {
    const p = logits + ((i as usize) << 2);
    if (!v128.any_true(f32x4.gt(v128.load(p), f32x4.splat(least)))) continue;
    for (let lane = 0; lane < 4; lane++) {
      const logit = f32.load(p + ((lane as usize) << 2));
      if (logit > least) {
        insert(list, firstId + i + lane, logit);
        least = logitAt(list, LEADERS - 1);
      }
    }
  }
}

function insert(list: usize, id: i32, logit: f32): void {
  let i = LEADERS - 1;
  for (; i > 0 && logitAt(list, i - 1) < logit; i--) {
    put(list, i, idAt(list, i - 1), logitAt(list, i - 1));
  }
  put(list, i, id, logit);
}

export function idAt(list: usize, i: i32): i32 {
  return i32.load(list + ((i as usize) << 2));
}

export function logitAt(list: usize, i: i32): f32 {
  return f32.load(list + ((i as usize) << 2), LOGITS);
}

function put(list: usize, i: i32, id: i32, logit: f32): void {
  const at = list + ((i as usize) << 2);
  i32.store(at, id);
  f32.store(at, logit, LOGITS);
}

/**
 * The largest of several lists, ties by rising id.
 *
 * @param lists one behind the other; what is taken from them is gone
 * @param ids int32 [LEADERS]
 * @param logits float32 [LEADERS]
 */
export function mergeLists(
  lists: usize,
  count: i32,
  stride: usize,
  ids: usize,
  logits: usize,
): void {
  for (let place = 0; place < LEADERS; place++) {
    let best = lists;
    for (let i = 1; i < count; i++) {
      const list = lists + (i as usize) * stride;
      const isLarger = logitAt(list, 0) > logitAt(best, 0);
      const isEarlier = logitAt(list, 0) == logitAt(best, 0) && idAt(list, 0) < idAt(best, 0);
      if (isLarger || isEarlier) best = list;
    }
    i32.store(ids + ((place as usize) << 2), idAt(best, 0));
    f32.store(logits + ((place as usize) << 2), logitAt(best, 0));
    dropFirst(best);
  }
}

function dropFirst(list: usize): void {
  memory.copy(list, list + 4, LOGITS - 4);
  memory.copy(list + LOGITS, list + LOGITS + 4, LOGITS - 4);
  put(list, LEADERS - 1, -1, -Infinity);
}
