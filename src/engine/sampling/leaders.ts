import type { Leaders } from '../next-token.ts';
import { penaliseLeaders } from './repetition-penalty.ts';
import { logSumExp } from './softmax.ts';

/** The leading tokens after the repetition penalty, ascending by id, as the rest of the chain takes a vocabulary. */
export interface PenalisedLeaders {
  readonly ids: Int32Array;
  /** `[ids.length]` */
  readonly logits: Float32Array;
  /** log Σ exp(logit) over the whole vocabulary, the leaders' logits being the penalised ones. */
  readonly logNormaliser: number;
}

/**
 * The penalty reaches the leaders alone: what a seen token behind them loses (or, by a penalty below 1, gains) is not
 * known here.
 */
export function penalisedLeaders(
  next: Leaders,
  seen: ReadonlySet<number>,
  penalty: number,
): PenalisedLeaders {
  const order = Array.from(next.ids, (id, position) => ({ id, logit: next.logits[position] ?? 0 }));
  order.sort((a, b) => a.id - b.id);
  const ids = Int32Array.from(order, ({ id }) => id);
  const raw = Float32Array.from(order, ({ logit }) => logit);
  if (penalty === 1) return { ids, logits: raw, logNormaliser: next.logNormaliser };

  const logits = raw.slice();
  penaliseLeaders(ids, logits, seen, penalty);
  // Everything else keeps its share: all of it, less the leaders as they were, plus the leaders as they are.
  const highest = Math.max(next.logNormaliser, ...logits);
  const share = (log: number) => Math.exp(log - highest);
  const rest = Math.max(0, share(next.logNormaliser) - share(logNormaliserOf(raw)));
  const logNormaliser = highest + Math.log(rest + share(logNormaliserOf(logits)));
  return { ids, logits, logNormaliser };
}

function logNormaliserOf(logits: Float32Array): number {
  return logSumExp(logits, Math.max(...logits));
}
