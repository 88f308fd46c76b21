import { describe, expect, test } from 'vitest';
import { generate, type Plan, type Progress } from '../../src/engine/generate.ts';
import { MOST_SCORED_TOKENS } from '../../src/engine/language-model.ts';
import { PromptCache } from '../../src/engine/prompt-cache.ts';
import { PromptLookup } from '../../src/engine/prompt-lookup.ts';
import { Sampler } from '../../src/engine/sampling/sampler.ts';
import { ReplyText } from '../../src/engine/text/reply-text.ts';
import { Prng } from '../../src/lib/prng.ts';
import { FakeLanguageModel, FakeScoringModel } from '../support/fake-language-model.ts';
import { fakeCodec, FAKE_VOCABULARY, IM_END } from '../support/fake-text.ts';

function lookupAfter(...ids: readonly number[]): PromptLookup {
  const lookup = new PromptLookup(7);
  for (const id of ids) lookup.push(id);
  return lookup;
}

describe('PromptLookup', () => {
  test('drafts what followed the last time that four tokens came together', () => {
    expect(lookupAfter(0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3).draft(7)).toEqual([4, 5, 6]);
  });

  test('after a pair, drafts two tokens, for pairs come together by chance as well', () => {
    const lookup = lookupAfter(8, 2, 3, 4, 5, 6, 9, 2, 3);
    lookup.judge(7, 7);

    expect(lookup.draft(7)).toEqual([4, 5]);
  });

  test('a place where four tokens were the same counts for more than a later one of two', () => {
    expect(lookupAfter(0, 1, 2, 3, 4, 5, 6, 9, 2, 3, 7, 0, 1, 2, 3).draft(7)).toEqual([4, 5, 6]);
  });

  test('of several places the latest counts', () => {
    expect(lookupAfter(0, 1, 2, 3, 4, 0, 1, 2, 3, 5, 9, 0, 1, 2, 3).draft(2)).toEqual([5, 9]);
  });

  test('drafts nothing where the text does not repeat itself', () => {
    expect(lookupAfter(1, 2, 3, 4, 5, 6).draft(7)).toEqual([]);
    expect(lookupAfter(1, 2).draft(7)).toEqual([]);
  });

  test('one token that repeats is chance', () => {
    expect(lookupAfter(8, 3, 4, 9, 3).draft(7)).toEqual([]);
  });

  test('the draft may reach into what was just written, as a pattern goes on', () => {
    expect(lookupAfter(1, 1, 1, 1, 1).draft(7)).toEqual([1]);
    expect(lookupAfter(1, 2, 1, 2, 1, 2, 1).draft(7)).toEqual([2, 1]);
  });

  test('drafts no more than there is room for', () => {
    expect(lookupAfter(1, 2, 3, 4, 5, 6, 1, 2, 3).draft(1)).toEqual([4]);
    expect(lookupAfter(1, 2, 3, 4, 5, 6, 1, 2, 3).draft(0)).toEqual([]);
  });

  test('grows bolder with drafts that were true, up to its longest', () => {
    const lookup = lookupAfter(...counting(20), 0, 1, 2, 3);

    const lengths = [1, 2, 3].map(() => {
      const { length } = lookup.draft(100);
      lookup.judge(length, length);
      return length;
    });

    expect(lengths).toEqual([3, 7, 7]);
  });

  test('falls silent for longer after each draft that was wrong from its first token', () => {
    const lookup = lookupAfter(...counting(20), 0, 1, 2);
    const silences: number[] = [];

    for (let failure = 0; failure < 6; failure++) {
      lookup.judge(lookup.draft(7).length, 0);
      let silence = 0;
      while (lookup.draft(7).length === 0) {
        for (const id of [0, 1, 2]) {
          lookup.push(id);
          silence++;
        }
      }
      silences.push(silence);
    }

    expect(silences).toEqual([3, 3, 6, 9, 18, 33]); // in threes: 1, 2, 4, 8, 16, 32
  });

  test('one token that was true ends the silence', () => {
    const lookup = lookupAfter(...counting(20), 0, 1, 2);
    for (let failure = 0; failure < 6; failure++) lookup.judge(3, 0);
    lookup.judge(3, 1);

    lookup.judge(3, 0);
    for (const id of [0, 1, 2]) lookup.push(id);

    expect(lookup.draft(7).length).toBeGreaterThan(0);
  });
});

describe('a reply with drafts', () => {
  const PASSAGE = fakeCodec.encode('the cat sat on the mat and ');
  const COPIED = [...PASSAGE, ...PASSAGE, ...PASSAGE.slice(0, 9)];

  test('is the reply without them, in fewer runs', async () => {
    const plain = copying(FakeLanguageModel);
    const drafting = copying(FakeScoringModel);

    const expected = await run(plain, { prompt: PASSAGE });
    const actual = await run(drafting, { prompt: PASSAGE, lookup: new PromptLookup(7) });

    expect(actual.ids).toEqual(expected.ids);
    expect(actual.ids).toEqual(COPIED);
    expect(actual.reason).toBe('stop');
    expect(drafting.runs.length).toBeLessThan(plain.runs.length / 2);
  });

  test('tells how many tokens each step tried', async () => {
    const { steps } = await run(copying(FakeScoringModel), {
      prompt: PASSAGE,
      lookup: new PromptLookup(7),
    });

    expect(steps[0]?.drafted).toBe(0);
    expect(Math.max(...steps.map(({ drafted }) => drafted))).toBe(7);
    for (const { tokens, drafted } of steps) expect(tokens.length).toBeLessThanOrEqual(drafted + 1);
  });

  test.each([1, 2, 3, 4, 5])('is drawn as without drafts, seed %d', async (seed) => {
    // Two tokens only, so that drafts are tried, and true about half of the time.
    const follow = (cached: readonly number[]) => cached.length % 2;
    const sampled = async (Model: typeof FakeLanguageModel) => {
      const model = new Model(3, 400, { follow });
      const sampler = new Sampler(3);
      const prng = new Prng(seed);
      const sampling = {
        temperature: 5,
        topK: 0,
        topP: 1,
        minP: 0,
        repetitionPenalty: 1,
        seed,
      };
      const { ids } = await run(model, {
        prompt: [0, 1, 0, 1, 0, 1],
        maxNewTokens: 300,
        choose: (next, seen) => sampler.sample(next, seen, sampling, prng),
        lookup: new PromptCache(model).canScore ? new PromptLookup(7) : null,
      });
      return { ids, runs: model.runs };
    };

    const plain = await sampled(FakeLanguageModel);
    const drafting = await sampled(FakeScoringModel);

    expect(drafting.ids).toEqual(plain.ids);
    expect(new Set(plain.ids).size).toBeGreaterThan(1);
    expect(drafting.runs.length).toBeLessThan(plain.runs.length);
  });

  test.each([1, 5, 10, 11, 12, 13])('ends at the limit of %d new tokens', async (maxNewTokens) => {
    const { ids, reason } = await run(copying(FakeScoringModel), {
      prompt: PASSAGE,
      lookup: new PromptLookup(7),
      maxNewTokens,
    });

    expect(ids).toEqual(COPIED.slice(0, maxNewTokens));
    expect(reason).toBe('length');
  });

  test('ends before a stop string inside a draft', async () => {
    const plan = { prompt: PASSAGE, lookup: new PromptLookup(7), stopStrings: ['mat and the'] };

    const { reason, text } = await run(copying(FakeScoringModel), plan);

    expect(reason).toBe('stop-string');
    expect(text).toBe('the cat sat on the ');
  });

  test('fills the context to the last token and not beyond', async () => {
    const contextTokens = PASSAGE.length + 30;
    const model = copying(FakeScoringModel, contextTokens);

    const { reason, ids } = await run(model, { prompt: PASSAGE, lookup: new PromptLookup(7) });

    expect(reason).toBe('context');
    expect(ids).toEqual(COPIED.slice(0, 31));
    expect(model.length).toBe(contextTokens);
  });

  test('leaves a cache that holds no token which was drafted and not chosen', async () => {
    const model = copying(FakeScoringModel);
    const cache = new PromptCache(model);
    for (let cancelAt = 1; cancelAt < 30; cancelAt++) {
      let asked = 0;
      const isCancelled = () => ++asked > cancelAt;

      const { ids } = await run(
        model,
        { prompt: PASSAGE, lookup: new PromptLookup(7), isCancelled },
        cache,
      );

      const text = [...PASSAGE, ...ids];
      expect(model.cached).toEqual(text.slice(0, model.length));
    }
  });

  test('without a model that verifies, nothing is drafted', async () => {
    const model = copying(FakeLanguageModel);

    await run(model, { prompt: PASSAGE });

    expect(new PromptCache(model).canScore).toBe(false);
    expect(Math.max(...model.runs.slice(PASSAGE.length / 4))).toBeLessThan(MOST_SCORED_TOKENS);
  });

  function copying(Model: typeof FakeLanguageModel, contextTokens = 400): FakeLanguageModel {
    return new Model(FAKE_VOCABULARY, contextTokens, {
      follow: (cached) => COPIED[cached.length - PASSAGE.length] ?? IM_END,
    });
  }
});

async function run(
  model: FakeLanguageModel,
  changes: Partial<Plan> & { readonly stopStrings?: readonly string[] },
  cache = new PromptCache(model),
) {
  const text = new ReplyText(fakeCodec, changes.stopStrings ?? []);
  const plan: Plan = {
    prompt: [],
    chunkTokens: 4,
    pauseAfterTokens: 0,
    choose: ({ logits }) => ({ id: logits.indexOf(Math.max(...logits)), logprob: -0.5 }),
    text,
    stopTokens: new Set([IM_END]),
    maxNewTokens: 300,
    lookup: null,
    isCancelled: () => false,
    ...changes,
  };
  const clock = { now: () => 0, yieldToEvents: () => Promise.resolve() };
  const progress: Progress[] = [];
  const loop = generate(cache, plan, clock);
  for (;;) {
    const { value, done } = await loop.next();
    if (done === true) {
      const steps = progress.filter((event) => event.type === 'step');
      const tokens = steps.flatMap((step) => step.tokens);
      return {
        reason: value,
        steps,
        ids: tokens.map(({ id }) => id),
        text: tokens.map((token) => token.text).join('') + text.flush(),
      };
    }
    progress.push(value);
  }
}

function counting(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}
