/**
 * Makes tokens that were seen less likely: positive logits are divided by `penalty`, others multiplied.
 * In place. Source: N. S. Keskar et al., "CTRL", arXiv 1909.05858, §4.1, with the treatment of negative logits
 * that Hugging Face transformers' `RepetitionPenaltyLogitsProcessor` added.
 * @param seen ids within `logits`, each once
 */
export function penaliseRepetition(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  penalty: number,
): void {
  if (penalty === 1) return;
  for (const id of seen) logits[id] = penalised(logits[id] ?? 0, penalty);
}

/** The same for some tokens of the vocabulary: `logits[i]` is that of `ids[i]`. */
export function penaliseLeaders(
  ids: Int32Array,
  logits: Float32Array,
  seen: ReadonlySet<number>,
  penalty: number,
): void {
  if (penalty === 1) return;
  for (const [i, id] of ids.entries()) {
    if (seen.has(id)) logits[i] = penalised(logits[i] ?? 0, penalty);
  }
}

function penalised(logit: number, penalty: number): number {
  return logit > 0 ? logit / penalty : logit * penalty;
}
