import { AppError } from '../../contract/errors.ts';
import type { Sampling } from '../../contract/engine.ts';
import { present } from '../../lib/assert.ts';
import type { Prng } from '../../lib/prng.ts';
import type { NextToken } from '../next-token.ts';
import { Candidates } from './candidates.ts';
import { draw } from './draw.ts';
import { penalisedLeaders } from './leaders.ts';
import { expectationOf } from './insight.ts';
import { keepMinP } from './min-p.ts';
import { penaliseRepetition } from './repetition-penalty.ts';
import { logSumExp, sumWeights, weigh } from './softmax.ts';
import { applyTemperature } from './temperature.ts';
import { takeTopK } from './top-k.ts';
import { keepTopP } from './top-p.ts';

export interface Choice {
  readonly id: number;
  /**
   * Natural log of the probability the token was drawn with, after the whole chain. Greedy draws nothing:
   * there it is the log-probability under the softmax of the penalised logits at temperature 1.
   */
  readonly logprob: number;
  /** Where they were asked for. */
  readonly alternatives?: Alternatives;
}

export interface Alternatives {
  /** Of what was chosen, before the chain. */
  readonly before: number;
  readonly entropyNats: number;
  /** Most likely before the chain first; what was chosen is among them. */
  readonly tokens: readonly {
    readonly id: number;
    readonly before: number;
    readonly after: number;
  }[];
}

/** Chooses tokens for one model; owns the scratch memory (about 24 bytes per vocabulary entry). */
export class Sampler {
  readonly #penalised: Float32Array;
  readonly #candidates: Candidates;

  constructor(vocabulary: number) {
    this.#penalised = new Float32Array(vocabulary);
    this.#candidates = new Candidates(vocabulary);
  }

  /**
   * One choice by the chain that `Sampling` documents. Equal logits rank by id, lowest first. Of a model that tells its
   * leaders only, one of these is chosen, as if `topK` were at most their number, and the penalty reaches only them.
   * @param next read only
   * @param seen ids of prompt and reply so far: what the repetition penalty applies to
   * @param prng asked once, unless greedy
   * @param alternatives how many of the most likely tokens to tell of as well
   * @throws AppError `runtime-failed` when a logit is not a finite number: the model broke, no choice would mean anything
   */
  sample(
    next: NextToken,
    seen: ReadonlySet<number>,
    sampling: Sampling,
    prng: Pick<Prng, 'nextFraction'>,
    alternatives = 0,
  ): Choice {
    checkFinite(next);
    const choice = this.#choose(next, seen, sampling, prng);
    if (alternatives === 0) return choice;
    return { ...choice, alternatives: this.#explain(next, choice.id, sampling, alternatives) };
  }

  #choose(
    next: NextToken,
    seen: ReadonlySet<number>,
    sampling: Sampling,
    prng: Pick<Prng, 'nextFraction'>,
  ): Choice {
    const isGreedy = sampling.temperature === 0;
    if (next.of === 'leaders') {
      const leaders = penalisedLeaders(next, seen, sampling.repetitionPenalty);
      const { logits, logNormaliser } = leaders;
      const { id: position, logprob } = isGreedy
        ? greedy(logits, () => logNormaliser)
        : this.#draw(logits, sampling, prng);
      return { id: present(leaders.ids[position], 'a leader'), logprob };
    }
    const penalised = this.#penalised;
    penalised.set(next.logits);
    penaliseRepetition(penalised, seen, sampling.repetitionPenalty);
    return isGreedy
      ? greedy(penalised, (highest) => logSumExp(penalised, highest))
      : this.#draw(penalised, sampling, prng);
  }

  /** Called right after `#choose`, of which it finds the candidates that were left. */
  #explain(next: NextToken, chosenId: number, sampling: Sampling, count: number): Alternatives {
    const { leaders, entropyNats, logNormaliser } = expectationOf(next, count);
    const before = new Map(leaders.map(({ id, probability }) => [id, probability]));
    if (!before.has(chosenId)) {
      const last = leaders.at(-1);
      if (last !== undefined && leaders.length === count) before.delete(last.id);
      before.set(chosenId, Math.exp(logitOf(next, chosenId) - logNormaliser));
    }
    const after =
      sampling.temperature === 0 ? new Map([[chosenId, 1]]) : this.#leftOf(next, before);
    return {
      before: before.get(chosenId) ?? 0,
      entropyNats,
      tokens: [...before].map(([id, probability]) => ({
        id,
        before: probability,
        after: after.get(id) ?? 0,
      })),
    };
  }

  /** The shares that the candidates have in the draw, of those that are wanted. */
  #leftOf(next: NextToken, wanted: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
    const { ids, weights, length } = this.#candidates;
    // Of leaders, candidates are positions among them, ascending by id.
    const sortedIds = next.of === 'leaders' ? next.ids.toSorted() : null;
    const total = sumWeights(this.#candidates);
    const shares = new Map<number, number>();
    for (let position = 0; position < length; position++) {
      const candidate = ids[position] ?? 0;
      const id = sortedIds === null ? candidate : (sortedIds[candidate] ?? 0);
      if (wanted.has(id)) shares.set(id, (weights[position] ?? 0) / total);
    }
    return shares;
  }

  #draw(logits: Float32Array, sampling: Sampling, prng: Pick<Prng, 'nextFraction'>): Choice {
    const candidates = this.#candidates;
    takeTopK(logits, sampling.topK, candidates);
    applyTemperature(candidates, sampling.temperature);
    const total = weigh(candidates);
    keepTopP(candidates, sampling.topP, total);
    keepMinP(candidates, sampling.minP);

    const rest = sumWeights(candidates);
    const drawn = draw(candidates, rest, prng.nextFraction());
    return {
      id: present(candidates.ids[drawn], 'a candidate'),
      logprob: Math.log(present(candidates.weights[drawn], 'a weight') / rest),
    };
  }
}

function greedy(logits: Float32Array, logNormaliser: (highest: number) => number): Choice {
  const id = argmax(logits);
  const logit = present(logits[id], 'the highest logit');
  return { id, logprob: logit - logNormaliser(logit) };
}

function logitOf(next: NextToken, id: number): number {
  const at = next.of === 'leaders' ? next.ids.indexOf(id) : id;
  return next.logits[at] ?? -Infinity;
}

/** Id of the highest logit. */
function argmax(logits: Float32Array): number {
  let id = 0;
  let highest = -Infinity;
  for (let at = 0; at < logits.length; at++) {
    const logit = logits[at] ?? 0;
    if (logit > highest) {
      highest = logit;
      id = at;
    }
  }
  return id;
}

function checkFinite(next: NextToken): void {
  const { logits } = next;
  let sum = next.of === 'leaders' ? next.logNormaliser - next.logNormaliser : 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? 0;
    sum += logit - logit; // not 0 for NaN and infinities, and a NaN stays in the sum
  }
  if (sum !== 0)
    throw new AppError('runtime-failed', 'the model gave a logit that is not a number');
}
