import type { Candidates } from './candidates.ts';

/** Divides every logit by `temperature` (above 0): below 1 sharpens the choice, above 1 flattens it. */
export function applyTemperature(candidates: Candidates, temperature: number): void {
  if (temperature === 1) return;
  const { logits, length } = candidates;
  for (let position = 0; position < length; position++) {
    logits[position] = (logits[position] ?? 0) / temperature;
  }
}
