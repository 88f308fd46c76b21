/**
 * What every `LanguageModel` must do. Plain functions that throw: Vitest runs them in Node, and a worker runs them
 * in a browser, where no test runner is.
 */
import { MOST_SCORED_TOKENS, type LanguageModel } from '../../src/engine/language-model.ts';
import type { NextToken } from '../../src/engine/next-token.ts';
import { present } from '../../src/lib/assert.ts';
import { equal, holds, rejectsWith, thrownBy } from './assertions.ts';

export interface LanguageModelTerms {
  /**
   * Most that two logits may differ when the same tokens were run in other portions. 0 for exact arithmetic; an engine
   * that quantises activations per run needs some.
   */
  readonly tolerance: number;
  /** Ids to run; all different, at least 8. */
  readonly tokens: readonly number[];
  /** For a model that tells its leaders: all logits after `tokens`, found in another way. */
  readonly allLogits: ((tokens: readonly number[]) => Promise<Float32Array>) | null;
}

export const PLAIN_TERMS: LanguageModelTerms = {
  tolerance: 0,
  tokens: [5, 17, 3, 42, 8, 61, 12, 33],
  allLogits: null,
};

export interface LanguageModelScenario {
  readonly name: string;
  /** @param model fresh; the caller disposes it. A context of some 64 tokens keeps it quick, as one scenario fills it. */
  readonly run: (model: LanguageModel, terms: LanguageModelTerms) => Promise<void>;
}

export const languageModelScenarios: readonly LanguageModelScenario[] = [
  {
    name: 'begins empty',
    run: async (model, { tokens }) => {
      equal(model.length, 0);
      holds(model.contextTokens >= tokens.length, 'the context holds the tokens');
    },
  },
  {
    name: 'tells finite logits: of the whole vocabulary, or of its leaders, most likely first',
    run: async (model, { tokens }) => {
      const next = await model.prefill(tokens);

      equal(model.length, tokens.length);
      holds(next.logits.every(Number.isFinite), 'every logit is finite');
      if (next.of === 'all') {
        equal(next.logits.length, model.vocabulary);
        return;
      }
      const { ids, logits, logNormaliser } = next;
      equal(logits.length, ids.length);
      equal(new Set(ids).size, ids.length);
      holds(
        ids.every((id) => id >= 0 && id < model.vocabulary),
        'every leader is of the vocabulary',
      );
      for (let at = 1; at < logits.length; at++) {
        holds(numberAt(logits, at - 1) >= numberAt(logits, at), `leader ${at} is not likelier`);
      }
      const share = logits.reduce((sum, logit) => sum + Math.exp(logit - logNormaliser), 0);
      holds(share <= 1.0001, `the leaders' probabilities sum to ${share}`);
    },
  },
  {
    name: 'leaders are the top of all logits, and their normaliser is that of all',
    run: async (model, { tokens, tolerance, allLogits }) => {
      const next = await model.prefill(tokens);
      if (next.of === 'all') return;
      holds(allLogits !== null, 'a model that tells its leaders is given all logits to compare');
      const all = (await allLogits?.(tokens)) ?? new Float32Array(0);

      equal(all.length, model.vocabulary);
      const leaders = new Set(next.ids);
      for (const [at, id] of next.ids.entries()) {
        const gap = Math.abs(numberAt(next.logits, at) - numberAt(all, id));
        holds(gap <= tolerance, `the logit of leader ${at} is right: ${gap} off`);
      }
      const least = numberAt(next.logits, next.logits.length - 1);
      for (const [id, logit] of all.entries()) {
        if (!leaders.has(id)) holds(logit <= least + tolerance, `token ${id} is not a leader`);
      }
      const gap = Math.abs(next.logNormaliser - logNormaliserOf(all));
      holds(gap <= tolerance + 1e-4, `the normaliser is right: ${gap} off`);
    },
  },
  {
    name: 'tells prompts apart',
    run: async (model, { tokens, tolerance }) => {
      const one = copy(await model.prefill(tokens));
      model.truncate(0);
      const other = await model.prefill([...tokens].reverse());

      holds(distance(one, other) > tolerance, 'another prompt gives other logits');
    },
  },
  {
    name: 'gives the same logits for the same run',
    run: async (model, { tokens }) => {
      const first = copy(await model.prefill(tokens));
      model.truncate(0);
      const second = await model.prefill(tokens);

      equal(distance(first, second), 0);
    },
  },
  {
    name: 'prefill is a sequence of decodes',
    run: async (model, { tokens, tolerance }) => {
      const whole = copy(await model.prefill(tokens));
      model.truncate(0);
      let stepped = whole;
      for (const id of tokens) stepped = await model.decode(id);

      same(stepped, whole, tolerance);
      equal(model.length, tokens.length);
    },
  },
  {
    name: 'tells after each of several tokens exactly what a decode of it would, where it can',
    run: async (model, { tokens }) => {
      if (model.scoreEach === undefined) return;
      const [first = 0, ...others] = tokens.slice(0, MOST_SCORED_TOKENS);
      await model.prefill([first]);
      const stepped: NextToken[] = [];
      for (const id of others) stepped.push(copy(await model.decode(id)));
      model.truncate(1);

      const scored = await model.scoreEach(others);

      equal(model.length, 1 + others.length);
      equal(scored.length, others.length);
      for (const [at, next] of scored.entries()) {
        equal(distance(next, present(stepped[at], 'a decode')), 0);
      }
    },
  },
  {
    name: 'what is scored and then forgotten leaves no trace',
    run: async (model, { tokens }) => {
      if (model.scoreEach === undefined) return;
      const half = tokens.length >> 1;
      await model.prefill(tokens.slice(0, half));
      const expected = copy(await model.decode(lastOf(tokens)));
      model.truncate(half);

      await model.scoreEach(tokens.slice(half));
      model.truncate(half);

      equal(distance(await model.decode(lastOf(tokens)), expected), 0);
    },
  },
  {
    name: 'refuses to score what it cannot, and leaves the cache as it was',
    run: async (model, { tokens }) => {
      const score = model.scoreEach?.bind(model);
      if (score === undefined) return;
      await model.prefill(tokens);
      const tooMany = Array<number>(MOST_SCORED_TOKENS + 1).fill(lastOf(tokens));

      await rejectsWith(RangeError, () => score([]));
      await rejectsWith(RangeError, () => score(tooMany));
      await rejectsWith(RangeError, () => score([model.vocabulary]));

      equal(model.length, tokens.length);
    },
  },
  {
    name: 'a prompt that nobody wants any more is run to its end or leaves the cache as it was',
    run: async (model, { tokens, tolerance }) => {
      const whole = copy(await model.prefill([...tokens, ...tokens]));
      model.truncate(0);

      const outcome = await model.prefill([...tokens, ...tokens], () => true);

      equal(model.length, outcome === 'cancelled' ? 0 : 2 * tokens.length);
      model.truncate(0);
      same(await model.prefill([...tokens, ...tokens]), whole, tolerance);
    },
  },
  {
    name: 'a prompt in chunks is the prompt in one',
    run: async (model, { tokens, tolerance }) => {
      const half = tokens.length >> 1;
      const whole = copy(await model.prefill(tokens));
      model.truncate(0);
      await model.prefill(tokens.slice(0, half));
      const chunked = await model.prefill(tokens.slice(half));

      same(chunked, whole, tolerance);
    },
  },
  {
    name: 'going on after truncate is a fresh run',
    run: async (model, { tokens, tolerance }) => {
      const half = tokens.length >> 1;
      const last = lastOf(tokens);
      const fresh = copy(await model.prefill([...tokens.slice(0, half), last]));
      model.truncate(0);
      await model.prefill(tokens);
      model.truncate(half);
      const continued = await model.decode(last);

      equal(model.length, half + 1);
      same(continued, fresh, tolerance);
    },
  },
  {
    name: 'truncating to the present length changes nothing',
    run: async (model, { tokens, tolerance }) => {
      const half = tokens.length >> 1;
      const straight = copy(await model.prefill(tokens));
      model.truncate(0);
      await model.prefill(tokens.slice(0, half));
      model.truncate(half);
      const continued = await model.prefill(tokens.slice(half));

      same(continued, straight, tolerance);
    },
  },
  {
    name: 'truncating to what is no length of the cache is refused',
    run: async (model, { tokens }) => {
      await model.prefill(tokens);

      for (const length of [-1, 0.5, Number.NaN, 1000]) {
        await rejectsWith(RangeError, async () => model.truncate(length));
      }

      equal(model.length, tokens.length);
    },
  },
  {
    name: 'a snapshot goes back with restore, however the cache was changed in between',
    run: async (model, { tokens }) => {
      const half = tokens.length >> 1;
      const last = lastOf(tokens);
      await model.prefill(tokens.slice(0, half));
      const snapshot = await model.snapshot();
      const before = copy(await model.decode(last));
      model.truncate(0);
      await model.prefill([...tokens].reverse());

      await model.restore(snapshot);

      equal(model.length, half);
      equal(distance(await model.decode(last), before), 0);
    },
  },
  {
    name: 'a snapshot has the size that its shape says, and is a copy',
    run: async (model, { tokens }) => {
      const last = lastOf(tokens);
      await model.prefill(tokens);
      const { values, layers, keyValueHeads, length, headSize } = await model.snapshot();

      equal(length, tokens.length);
      if (!(values instanceof Uint8Array)) {
        equal(values.length, layers * 2 * keyValueHeads * length * headSize);
      }
      const expected = copy(await model.decode(last));
      model.truncate(tokens.length);
      values.fill(0);
      equal(distance(await model.decode(last), expected), 0);
    },
  },
  {
    name: 'the snapshot of an empty cache empties it',
    run: async (model, { tokens }) => {
      const empty = await model.snapshot();
      await model.prefill(tokens);

      await model.restore(empty);

      equal(model.length, 0);
    },
  },
  {
    name: 'a snapshot of another shape is refused and the cache kept',
    run: async (model, { tokens }) => {
      await model.prefill(tokens);
      const snapshot = await model.snapshot();
      const { layers, length } = snapshot;

      await rejectsWith(RangeError, () => model.restore({ ...snapshot, layers: layers + 1 }));
      await rejectsWith(RangeError, () => model.restore({ ...snapshot, length: length + 1 }));

      equal(model.length, tokens.length);
    },
  },
  {
    name: 'what cannot be run is refused and leaves the cache as it was',
    run: async (model, { tokens, tolerance }) => {
      const last = lastOf(tokens);
      const expected = copy(await model.prefill([...tokens, last]));
      model.truncate(0);
      await model.prefill(tokens);
      const tooMany = Array<number>(model.contextTokens - tokens.length + 1).fill(last);

      await rejectsWith(RangeError, () => model.prefill([]));
      await rejectsWith(RangeError, () => model.prefill(tooMany));
      await rejectsWith(RangeError, () => model.prefill([last, model.vocabulary]));
      await rejectsWith(RangeError, () => model.decode(-1));
      await rejectsWith(RangeError, () => model.decode(0.5));

      equal(model.length, tokens.length);
      same(await model.decode(last), expected, tolerance);
    },
  },
  {
    name: 'the context can be filled to the last token',
    run: async (model, { tokens }) => {
      const all = Array.from(
        { length: model.contextTokens },
        (_, i) => tokens[i % tokens.length] ?? 0,
      );
      await model.prefill(all);

      equal(model.length, model.contextTokens);
      await rejectsWith(RangeError, () => model.decode(lastOf(tokens)));
    },
  },
  {
    name: 'every call after dispose rejects, and a second dispose does not',
    run: async (model, { tokens }) => {
      await model.prefill(tokens);

      await model.dispose();

      await thrownBy(() => model.prefill(tokens));
      await thrownBy(() => model.decode(lastOf(tokens)));
      await model.dispose();
    },
  },
];

function lastOf(tokens: readonly number[]): number {
  return tokens.at(-1) ?? 0;
}

function numberAt(values: Float32Array, at: number): number {
  return values[at] ?? Number.NaN;
}

/** What a model returns is valid until its next call. */
function copy(next: NextToken): NextToken {
  const logits = next.logits.slice();
  return next.of === 'all' ? { of: 'all', logits } : { ...next, ids: next.ids.slice(), logits };
}

function same(actual: NextToken, expected: NextToken, tolerance: number): void {
  equal(actual.of, expected.of);
  equal(actual.logits.length, expected.logits.length);
  const gap = distance(actual, expected);
  holds(gap <= tolerance, `logits agree within ${tolerance}: they are ${gap} apart`);
}

/** Most that a logit differs. A token among the leaders of one only is at most the least leader of the other. */
function distance(one: NextToken, other: NextToken): number {
  return Math.max(distanceFrom(one, other), distanceFrom(other, one));
}

function distanceFrom(from: NextToken, to: NextToken): number {
  const known = logitsById(to);
  const least = Math.min(...to.logits);
  let largest =
    from.of === 'leaders' && to.of === 'leaders'
      ? Math.abs(from.logNormaliser - to.logNormaliser)
      : 0;
  for (const [id, logit] of logitsById(from)) {
    const there = known.get(id);
    const gap = there === undefined ? Math.max(0, logit - least) : Math.abs(logit - there);
    largest = Math.max(largest, gap);
  }
  return largest;
}

function logitsById(next: NextToken): ReadonlyMap<number, number> {
  const ids = next.of === 'all' ? next.logits.keys() : next.ids.values();
  return new Map([...ids].map((id, at) => [id, numberAt(next.logits, at)]));
}

function logNormaliserOf(logits: Float32Array): number {
  const highest = Math.max(...logits);
  return highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
}
