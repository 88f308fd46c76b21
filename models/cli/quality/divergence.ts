/** How far one model's next-token distribution is from another's, from raw logits. Natural logarithms throughout. */

export interface Divergence {
  /** Kullback–Leibler divergence KL(reference ‖ compiled) in nats: 0 when they agree. */
  readonly kl: number;
  readonly isSameTop: boolean;
  /** Log-probability that each gives to the token that came next. Null when nothing comes next. */
  readonly reference: number | null;
  readonly compiled: number | null;
}

/** @param next the id that follows in the text, or null at its end */
export function divergence(
  reference: Float32Array,
  compiled: Float32Array,
  next: number | null,
): Divergence {
  const a = logNormaliser(reference);
  const b = logNormaliser(compiled);
  let kl = 0;
  for (let i = 0; i < reference.length; i++) {
    const logP = (reference[i] as number) - a.log;
    // Below e^-80 a term is lost in the sum; 0 · −∞ must not become NaN.
    if (logP > -80) kl += Math.exp(logP) * (logP - ((compiled[i] as number) - b.log));
  }
  return {
    kl: Math.max(0, kl),
    isSameTop: a.top === b.top,
    reference: next === null ? null : (reference[next] as number) - a.log,
    compiled: next === null ? null : (compiled[next] as number) - b.log,
  };
}

/** log Σ exp(x), and the index of the largest. */
function logNormaliser(logits: Float32Array): { log: number; top: number } {
  let top = 0;
  for (let i = 1; i < logits.length; i++) {
    if ((logits[i] as number) > (logits[top] as number)) top = i;
  }
  const most = logits[top] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - most);
  return { log: most + Math.log(sum), top };
}

export interface TextQuality {
  readonly name: string;
  /** Positions compared: every prompt token and every decoded one. */
  readonly tokens: number;
  /** Mean over positions, nats. */
  readonly klMean: number;
  /** 99th percentile over positions, nats. */
  readonly klP99: number;
  /** Share of positions whose most likely token is the same, 0–1. */
  readonly top1Agreement: number;
  /** exp of the mean negative log-probability of the text's own next tokens. */
  readonly perplexityReference: number;
  readonly perplexityCompiled: number;
}

export function summarise(name: string, positions: readonly Divergence[]): TextQuality {
  const kls = positions.map(({ kl }) => kl).toSorted((a, b) => a - b);
  const scored = positions.filter(({ reference }) => reference !== null);
  const perplexity = (of: (position: Divergence) => number | null) =>
    Math.exp(-scored.reduce((sum, position) => sum + (of(position) ?? 0), 0) / scored.length);
  return {
    name,
    tokens: positions.length,
    klMean: kls.reduce((sum, kl) => sum + kl, 0) / kls.length,
    klP99: kls[Math.min(kls.length - 1, Math.ceil(kls.length * 0.99) - 1)] ?? 0,
    top1Agreement: positions.filter(({ isSameTop }) => isSameTop).length / positions.length,
    perplexityReference: perplexity(({ reference }) => reference),
    perplexityCompiled: perplexity(({ compiled }) => compiled),
  };
}
