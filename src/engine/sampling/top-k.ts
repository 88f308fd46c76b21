import type { Candidates } from './candidates.ts';

/**
 * Fills `candidates` with the `k` most likely tokens, or with all for 0. Of equal logits, lower ids come first.
 * One pass over `logits`; a heap of `k` entries, least likely on top, takes the few that rank among the best so far.
 */
export function takeTopK(logits: Float32Array, k: number, candidates: Candidates): void {
  if (k === 0 || k >= logits.length) {
    takeAll(logits, candidates);
    return;
  }
  candidates.length = 0;
  for (let id = 0; id < k; id++) append(candidates, id, logits[id] ?? 0);
  for (let position = (k >> 1) - 1; position >= 0; position--) sink(candidates, position);

  let least = candidates.logits[0] ?? 0;
  for (let id = k; id < logits.length; id++) {
    const logit = logits[id] ?? 0;
    if (logit <= least) continue;
    candidates.ids[0] = id;
    candidates.logits[0] = logit;
    sink(candidates, 0);
    least = candidates.logits[0] ?? 0;
  }
}

function takeAll(logits: Float32Array, candidates: Candidates): void {
  for (let id = 0; id < logits.length; id++) candidates.ids[id] = id;
  candidates.logits.set(logits);
  candidates.length = logits.length;
}

function append(candidates: Candidates, id: number, logit: number): void {
  candidates.ids[candidates.length] = id;
  candidates.logits[candidates.length] = logit;
  candidates.length++;
}

/** Moves the entry at `position` down until no child of it ranks below it. */
function sink(candidates: Candidates, position: number): void {
  const { ids, logits, length } = candidates;
  const id = ids[position] ?? 0;
  const logit = logits[position] ?? 0;
  for (;;) {
    let child = 2 * position + 1;
    if (child >= length) break;
    if (
      child + 1 < length &&
      ranksBelow(candidates, child + 1, ids[child] ?? 0, logits[child] ?? 0)
    ) {
      child++;
    }
    if (!ranksBelow(candidates, child, id, logit)) break;
    ids[position] = ids[child] ?? 0;
    logits[position] = logits[child] ?? 0;
    position = child;
  }
  ids[position] = id;
  logits[position] = logit;
}

function ranksBelow(candidates: Candidates, position: number, id: number, logit: number): boolean {
  const own = candidates.logits[position] ?? 0;
  return own < logit || (own === logit && (candidates.ids[position] ?? 0) > id);
}
