import { describe, expect, test } from 'vitest';
import { generate, type Clock, type Plan, type Progress } from '../../src/engine/generate.ts';
import { PromptCache } from '../../src/engine/prompt-cache.ts';
import { ReplyText } from '../../src/engine/text/reply-text.ts';
import { FakeLanguageModel } from '../support/fake-language-model.ts';
import { fakeCodec, FAKE_VOCABULARY, IM_END } from '../support/fake-text.ts';

const PROMPT = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** A model that answers PROMPT with `reply`, then stops. */
function speaking(reply: string, contextTokens = 64): FakeLanguageModel {
  const ids = fakeCodec.encode(reply);
  return new FakeLanguageModel(FAKE_VOCABULARY, contextTokens, {
    follow: (cached) => ids[cached.length - PROMPT.length] ?? IM_END,
  });
}

function plan(changes: Partial<Plan> & { stopStrings?: readonly string[] } = {}): Plan {
  return {
    prompt: PROMPT,
    chunkTokens: 4,
    pauseAfterTokens: 0,
    choose: ({ logits }) => ({ id: logits.indexOf(Math.max(...logits)), logprob: -0.5 }),
    text: new ReplyText(fakeCodec, changes.stopStrings ?? []),
    stopTokens: new Set([IM_END]),
    maxNewTokens: 100,
    lookup: null,
    isCancelled: () => false,
    ...changes,
  };
}

/** Each look at the clock takes a millisecond. */
function ticking(): Clock {
  let nowMs = 0;
  return { now: () => nowMs++, yieldToEvents: () => Promise.resolve() };
}

async function run(cache: PromptCache, thePlan: Plan) {
  const events: Progress[] = [];
  const loop = generate(cache, thePlan, ticking());
  for (;;) {
    const { value, done } = await loop.next();
    if (done === true) {
      const tokens = events.flatMap((event) => (event.type === 'step' ? event.tokens : []));
      return {
        reason: value,
        events,
        ids: tokens.map(({ id }) => id),
        text: tokens.map(({ text }) => text).join('') + thePlan.text.flush(),
      };
    }
    events.push(value);
  }
}

describe('generate', () => {
  test('runs the prompt in chunks and says after each how far it is', async () => {
    const model = speaking('a');

    const { events } = await run(new PromptCache(model), plan());

    const prefills = events.filter((event) => event.type === 'prefill');
    expect(prefills.map(({ doneTokens }) => doneTokens)).toEqual([0, 4, 8, 10]);
    expect(prefills.map(({ runMs }) => runMs)).toEqual([0, 1, 1, 1]);
    expect(model.runs.slice(0, 3)).toEqual([4, 4, 2]);
  });

  test('speaks until the stop token, which is not part of the reply', async () => {
    const model = speaking('Paris.');

    const { reason, text, ids } = await run(new PromptCache(model), plan());

    expect(reason).toBe('stop');
    expect(text).toBe('Paris.');
    expect(ids).toEqual(fakeCodec.encode('Paris.'));
    expect(model.cached).toEqual([...PROMPT, ...ids]);
  });

  test('ends before a stop string', async () => {
    const { reason, text } = await run(
      new PromptCache(speaking('one\nEND two')),
      plan({ stopStrings: ['END'] }),
    );

    expect(reason).toBe('stop-string');
    expect(text).toBe('one\n');
  });

  test('ends at the limit of new tokens without a run that nobody would read', async () => {
    const model = speaking('abcdef');

    const { reason, text } = await run(new PromptCache(model), plan({ maxNewTokens: 3 }));

    expect(reason).toBe('length');
    expect(text).toBe('abc');
    expect(model.length).toBe(PROMPT.length + 2);
  });

  test('ends where the context is full', async () => {
    const model = speaking('abcdef', PROMPT.length + 3);

    const { reason, text } = await run(new PromptCache(model), plan());

    expect(reason).toBe('context');
    expect(text).toBe('abcd');
    expect(model.length).toBe(model.contextTokens);
  });

  test.each([0, 1, 2])('a cancel after %d chunks is heard before the next', async (chunks) => {
    const model = speaking('a');

    const { reason } = await run(
      new PromptCache(model),
      plan({ isCancelled: () => model.runs.length >= chunks }),
    );

    expect(reason).toBe('cancelled');
    expect(model.runs).toHaveLength(chunks);
  });

  test('a cancel while speaking is heard before the next token', async () => {
    const model = speaking('abcdef');

    const { reason, text } = await run(
      new PromptCache(model),
      plan({ isCancelled: () => model.length >= PROMPT.length + 2 }),
    );

    expect(reason).toBe('cancelled');
    expect(text).toBe('ab');
  });

  test('the repetition penalty sees prompt and reply', async () => {
    const seenAtEnd = new Set<number>();

    await run(
      new PromptCache(speaking('ab')),
      plan({
        choose: ({ logits }, seen) => {
          for (const id of seen) seenAtEnd.add(id);
          return { id: logits.indexOf(Math.max(...logits)), logprob: 0 };
        },
      }),
    );

    expect(seenAtEnd).toEqual(new Set([...PROMPT, ...fakeCodec.encode('ab')]));
  });
});

describe('the next prompt', () => {
  test('is run from where it differs from what is cached', async () => {
    const model = speaking('abc');
    const cache = new PromptCache(model);
    const { ids } = await run(cache, plan());
    model.runs.length = 0;

    const { events } = await run(cache, plan({ prompt: [...PROMPT, ...ids, IM_END, 30, 31] }));

    expect(events[0]).toMatchObject({
      reusedTokens: PROMPT.length + 3,
      doneTokens: PROMPT.length + 3,
    });
    expect(model.runs[0]).toBe(3);
  });

  test('runs its last token again when all of it is cached, as for another try', async () => {
    const model = speaking('abc');
    const cache = new PromptCache(model);
    const first = await run(cache, plan());
    model.runs.length = 0;

    const second = await run(cache, plan());

    expect(second.events[0]).toMatchObject({ reusedTokens: PROMPT.length - 1 });
    expect(model.runs[0]).toBe(1);
    expect(second.ids).toEqual(first.ids);
  });

  test.each<[string, Partial<Plan>]>([
    ['a cancel in the middle of the prompt', { isCancelled: cancelAfter(4) }],
    ['a cancel in the middle of the reply', { isCancelled: cancelAfter(7) }],
    ['the limit of new tokens', { maxNewTokens: 2 }],
  ])('gives what a fresh model gives after %s', async (_ending, changes) => {
    const model = new FakeLanguageModel(FAKE_VOCABULARY, 64);
    const cache = new PromptCache(model);
    await run(cache, plan(changes));

    const next = plan({ prompt: [...PROMPT.slice(0, 6), 99, 98], maxNewTokens: 5 });
    const continued = await run(cache, next);

    const fresh = await run(
      new PromptCache(new FakeLanguageModel(FAKE_VOCABULARY, 64)),
      plan({ prompt: next.prompt, maxNewTokens: 5 }),
    );
    expect(continued.ids).toEqual(fresh.ids);
    expect(continued.ids).toHaveLength(5);
  });

  test('is answered rightly after a run that failed half-way', async () => {
    const model = new FakeLanguageModel(FAKE_VOCABULARY, 64);
    const cache = new PromptCache(model);
    const decode = model.decode.bind(model);
    model.decode = async (token) => {
      await decode(token);
      throw new Error('the device is gone');
    };
    await expect(run(cache, plan())).rejects.toThrow('the device is gone');
    model.decode = decode;

    const { ids } = await run(cache, plan({ maxNewTokens: 3 }));

    const fresh = new PromptCache(new FakeLanguageModel(FAKE_VOCABULARY, 64));
    expect(ids).toEqual((await run(fresh, plan({ maxNewTokens: 3 }))).ids);
  });
});

/** True from the n-th time it is asked. */
function cancelAfter(times: number): () => boolean {
  return () => times-- <= 1;
}
