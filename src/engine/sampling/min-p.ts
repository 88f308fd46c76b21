import type { Candidates } from './candidates.ts';

/**
 * Keeps tokens at least `p` times as likely as the most likely one, which always stays.
 * Source: M. N. Nguyen et al., "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs",
 * arXiv 2407.01082, §3.
 * @param candidates weighed
 */
export function keepMinP(candidates: Candidates, p: number): void {
  if (p === 0) return;
  candidates.keepDownTo(candidates.highestLogit + Math.log(p), Infinity);
}
