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
  for (const id of seen) {
    const logit = logits[id] ?? 0;
    logits[id] = logit > 0 ? logit / penalty : logit * penalty;
  }
}
