import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GenerateRequest, LoadEvent, Sampling } from '../../src/contract/engine.ts';
import { AppError } from '../../src/contract/errors.ts';
import type { GenerationEvent } from '../../src/contract/events.ts';
import type { CompiledManifest } from '../../src/contract/model.ts';
import {
  createEngine,
  type ModelEngine,
  type OpenedModel,
} from '../../src/engine/create-engine.ts';
import { loadChatTemplate } from '../../src/engine/text/chat-template.ts';
import { FakeLanguageModel } from '../support/fake-language-model.ts';
import { fakeCodec, FAKE_VOCABULARY, IM_END, IM_START } from '../support/fake-text.ts';

const GREEDY: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  seed: 0,
};
const QUESTION: GenerateRequest = {
  messages: [{ role: 'user', content: 'Capital of France?' }],
  sampling: GREEDY,
  maxNewTokens: 50,
  stopStrings: [],
};
/** Of `QUESTION`, an empty system message before it. */
const PROMPT_TOKENS = loadChatTemplate(fakeCodec, { chat_template: '' }).encode(
  QUESTION.messages,
).length;
const OPTIONS = { rung: 'wasm-int8', contextTokens: 256, threads: 1 } as const;

/** Says `reply` after every `<|im_start|>assistant\n`, then stops. */
function speaking(reply: string, contextTokens = 256): FakeLanguageModel {
  const said = [...fakeCodec.encode(`assistant\n${reply}`), IM_END];
  return new FakeLanguageModel(FAKE_VOCABULARY, contextTokens, {
    follow: (cached) => {
      const start = cached.lastIndexOf(IM_START);
      return said[cached.length - start - 1] ?? IM_END;
    },
  });
}

function opened(model: FakeLanguageModel): OpenedModel {
  return {
    model,
    codec: fakeCodec,
    template: loadChatTemplate(fakeCodec, { chat_template: '' }),
    manifest: { stopTokens: [IM_END] } as unknown as CompiledManifest,
    summary: { phases: [], threads: 1, gpu: null },
    chunkTokens: 16,
  };
}

function engineOf(model: FakeLanguageModel): ModelEngine {
  return createEngine({ openModel: async () => opened(model) });
}

const ports: MessagePort[] = [];
/** A port to give away, and what arrives at its other end until that is closed. */
function listen<Event>(events: Event[] = []) {
  const { port1: own, port2: port } = new MessageChannel();
  ports.push(own);
  const closed = new Promise<void>((resolve) => own.addEventListener('close', () => resolve()));
  own.onmessage = ({ data }: MessageEvent<Event>) => events.push(data);
  return { port, events, own, closed };
}

async function ask(engine: ModelEngine, request: GenerateRequest): Promise<GenerationEvent[]> {
  const { port, events, closed } = listen<GenerationEvent>();
  await engine.generate(request, port);
  await closed;
  return events;
}

function textIn(events: readonly GenerationEvent[]): string {
  return events
    .map((event) => {
      if (event.type === 'step') return event.tokens.map(({ text }) => text).join('');
      return event.type === 'end' ? event.tail : '';
    })
    .join('');
}

/** Without their times. */
function stepsIn(events: readonly GenerationEvent[]) {
  return events.flatMap((event) =>
    event.type === 'step'
      ? event.tokens.map(({ id, text, logprob }) => ({ id, text, logprob }))
      : [],
  );
}

describe('the engine', () => {
  let model: FakeLanguageModel;
  let engine: ModelEngine;
  beforeEach(async () => {
    model = speaking('Paris.');
    engine = engineOf(model);
    await engine.load('folder', OPTIONS, listen().port);
  });
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  test('answers with prefill, steps and one ending, in this order', async () => {
    const events = await ask(engine, QUESTION);

    const types = events.map(({ type }) => type).join(' ');
    expect(types).toMatch(/^(prefill )+(step )+end$/);
    expect(textIn(events)).toBe('Paris.');
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      reason: 'stop',
      tail: '',
      summary: { newTokens: 6, reusedTokens: 0, contextTokens: 256 },
    });
  });

  test('tells what else was likely, and the prompt piece by piece, where that is asked for', async () => {
    const [prompt, ...events] = await ask(engine, { ...QUESTION, alternatives: 3 });

    const pieces = prompt?.type === 'prompt' ? prompt.pieces : [];
    expect(pieces).toHaveLength(PROMPT_TOKENS);
    expect(pieces[0]).toEqual({ text: '<|im_start|>', isControl: true });
    const tokens = events.flatMap((event) => (event.type === 'step' ? event.tokens : []));
    for (const { id, insight } of tokens) {
      expect(insight?.alternatives).toHaveLength(3);
      expect(insight?.alternatives.find((other) => other.id === id)?.after).toBe(1);
      expect(insight?.before).toBeGreaterThan(0);
    }
    expect(textIn(events)).toBe('Paris.');
  });

  test('a measurement takes nothing from the cache, and does not end where the model would', async () => {
    await ask(engine, QUESTION);

    const events = await ask(engine, { ...QUESTION, maxNewTokens: 9, isMeasured: true });

    expect(events.at(-1)).toMatchObject({
      type: 'end',
      reason: 'length',
      summary: { promptTokens: PROMPT_TOKENS, reusedTokens: 0, newTokens: 9 },
    });
    const steps = events.filter((event) => event.type === 'step');
    expect(steps.map(({ tokens, drafted }) => [tokens.length, drafted])).toEqual(
      Array.from({ length: 9 }, () => [1, 0]),
    );
  });

  test('the numbers fit each other', async () => {
    const events = await ask(engine, QUESTION);

    const end = events.at(-1);
    if (end?.type !== 'end') throw new Error('no end');
    const { summary } = end;
    const prefills = events.filter((event) => event.type === 'prefill');
    const steps = events.filter((event) => event.type === 'step');
    expect(prefills.at(-1)?.doneTokens).toBe(summary.promptTokens);
    expect(steps[0]?.tokens[0]?.atMs).toBe(summary.ttftMs);
    expect(summary.contextUsedTokens).toBe(summary.promptTokens + summary.newTokens);
    expect(summary.totalMs).toBeGreaterThanOrEqual(summary.ttftMs ?? Infinity);
  });

  test('a second question finds the first one and its reply in the cache', async () => {
    const first = await ask(engine, QUESTION);
    const tokenIds = first.flatMap((event) =>
      event.type === 'step' ? event.tokens.map(({ id }) => id) : [],
    );
    const end = first.at(-1);

    const second = await ask(engine, {
      ...QUESTION,
      messages: [
        ...QUESTION.messages,
        { role: 'assistant', content: textIn(first), tokenIds },
        { role: 'user', content: 'And of Spain?' },
      ],
    });

    const used = end?.type === 'end' ? end.summary.contextUsedTokens : null;
    expect(second[0]).toMatchObject({ type: 'prefill', reusedTokens: used });
  });

  test('says how many earlier messages did not fit', async () => {
    const long = 'x'.repeat(60);
    const events = await ask(engine, {
      ...QUESTION,
      messages: [1, 2, 3, 4, 5].flatMap((turn) =>
        turn === 5
          ? [{ role: 'user' as const, content: 'last' }]
          : [
              { role: 'user' as const, content: long },
              { role: 'assistant' as const, content: 'ok' },
            ],
      ),
    });

    expect(events[0]).toMatchObject({ type: 'prefill', omittedMessages: 4 });
    expect(events.at(-1)).toMatchObject({ type: 'end' });
  });

  test('a message that cannot fit ends in one failure, and the next question is answered', async () => {
    const events = await ask(engine, {
      ...QUESTION,
      messages: [{ role: 'user', content: 'x'.repeat(1000) }],
    });

    expect(events).toMatchObject([{ type: 'failed', error: { code: 'prompt-too-long' } }]);
    expect(textIn(await ask(engine, QUESTION))).toBe('Paris.');
  });

  test('a cancel ends it, and what was held back comes with the ending', async () => {
    model = speaking('é'.repeat(40));
    engine = engineOf(model);
    await engine.load('folder', OPTIONS, listen().port);
    const { port, own, events, closed } = listen<GenerationEvent>();
    own.onmessage = ({ data }: MessageEvent<GenerationEvent>) => {
      events.push(data);
      if (events.filter(({ type }) => type === 'step').length === 3) own.postMessage('cancel');
    };

    await engine.generate({ ...QUESTION, maxNewTokens: 80 }, port);
    await closed;

    const end = events.at(-1);
    expect(end).toMatchObject({ type: 'end', reason: 'cancelled' });
    const steps = events.filter(({ type }) => type === 'step').length;
    expect(steps).toBeLessThan(20);
    expect(end?.type === 'end' ? end.tail : null).toBe(steps % 2 === 1 ? '\u{FFFD}' : '');
  });

  test('a second request while one runs is refused, and the first goes on', async () => {
    const first = ask(engine, QUESTION);

    await expect(engine.generate(QUESTION, listen().port)).rejects.toMatchObject({ code: 'busy' });

    expect((await first).at(-1)).toMatchObject({ type: 'end', reason: 'stop' });
  });

  test('a failing run is one ending, with the cause, and the engine stays usable', async () => {
    const decode = model.decode.bind(model);
    model.decode = () => Promise.reject(new AppError('out-of-memory', 'heap'));

    const events = await ask(engine, QUESTION);

    expect(events.filter(({ type }) => type === 'end' || type === 'failed')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'out-of-memory' } });
    model.decode = decode;
    expect(textIn(await ask(engine, QUESTION))).toBe('Paris.');
  });

  test('logits that are no numbers end in a failure, not in nonsense', async () => {
    model.decode = async () => ({
      of: 'all',
      logits: new Float32Array(FAKE_VOCABULARY).fill(Number.NaN),
    });

    const events = await ask(engine, QUESTION);

    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'runtime-failed' } });
  });

  test('the same seed gives the same text and the same probabilities', async () => {
    const random = engineOf(new FakeLanguageModel(FAKE_VOCABULARY, 256));
    await random.load('folder', OPTIONS, listen().port);
    const draw = async (seed: number) => {
      const sampling = { ...GREEDY, temperature: 1, topP: 0.9, seed };
      const events = await ask(random, { ...QUESTION, sampling, maxNewTokens: 12 });
      return events.flatMap((event) =>
        event.type === 'step' ? event.tokens.map(({ id, logprob }) => ({ id, logprob })) : [],
      );
    };

    const first = await draw(7);

    expect(first.length).toBeGreaterThan(0);
    expect(first.every(({ logprob }) => logprob < 0)).toBe(true);
    expect(await draw(7)).toEqual(first);
    expect(await draw(8)).not.toEqual(first);
  });

  test('a reply that broke off anywhere goes on as if it had not', async () => {
    const random = engineOf(new FakeLanguageModel(FAKE_VOCABULARY, 256));
    await random.load('folder', OPTIONS, listen().port);
    const request = {
      ...QUESTION,
      sampling: { ...GREEDY, temperature: 1, seed: 7 },
      stopStrings: ['never'],
      maxNewTokens: 20,
    };
    const whole = stepsIn(await ask(random, request));

    for (let at = 1; at < whole.length; at++) {
      const begun = whole.slice(0, at).map(({ id }) => id);
      const rest = await ask(random, { ...request, maxNewTokens: whole.length - at, begun });

      expect(stepsIn(rest)).toEqual(whole.slice(at));
      expect(rest[0]).toMatchObject({ type: 'prefill', promptTokens: PROMPT_TOKENS + at });
    }
    expect(whole.length).toBeGreaterThan(10);
  });

  test('a character that was open when a reply broke off is completed', async () => {
    const euro = engineOf(speaking('€'));
    await euro.load('folder', OPTIONS, listen().port);
    const [first = 0, second = 0] = fakeCodec.encode('€');

    const events = await ask(euro, { ...QUESTION, begun: [first, second] });

    expect(textIn(events)).toBe('€');
  });

  test.each<[string, Partial<GenerateRequest>, string]>([
    ['an empty question', { messages: [{ role: 'user', content: '' }] }, 'prompt-empty'],
    [
      'a blank question',
      { messages: [{ role: 'user', content: ' \n\t\u{3000}' }] },
      'prompt-empty',
    ],
    ['no message at all', { messages: [] }, 'prompt-empty'],
    ['a reply last', { messages: [{ role: 'assistant', content: 'a' }] }, 'invalid-request'],
    [
      'a system message in the middle',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'system', content: 'b' },
          { role: 'user', content: 'c' },
        ],
      },
      'invalid-request',
    ],
    [
      'token ids past the vocabulary',
      {
        messages: [
          { role: 'assistant', content: 'a', tokenIds: [FAKE_VOCABULARY] },
          { role: 'user', content: 'b' },
        ],
      },
      'invalid-request',
    ],
    ['a beginning past the vocabulary', { begun: [FAKE_VOCABULARY] }, 'invalid-request'],
    [
      'token ids in a question',
      { messages: [{ role: 'user', content: 'a', tokenIds: [1] }] },
      'invalid-request',
    ],
    ['a negative temperature', { sampling: { ...GREEDY, temperature: -1 } }, 'invalid-request'],
    ['a temperature near 0', { sampling: { ...GREEDY, temperature: 1e-9 } }, 'invalid-request'],
    [
      'a temperature that is no number',
      { sampling: { ...GREEDY, temperature: NaN } },
      'invalid-request',
    ],
    ['a fractional topK', { sampling: { ...GREEDY, topK: 1.5 } }, 'invalid-request'],
    ['a topP above 1', { sampling: { ...GREEDY, topP: 1.1 } }, 'invalid-request'],
    ['a negative minP', { sampling: { ...GREEDY, minP: -0.1 } }, 'invalid-request'],
    ['a penalty of 0', { sampling: { ...GREEDY, repetitionPenalty: 0 } }, 'invalid-request'],
    ['a negative seed', { sampling: { ...GREEDY, seed: -1 } }, 'invalid-request'],
    ['no new tokens', { maxNewTokens: 0 }, 'invalid-request'],
    ['an empty stop string', { stopStrings: ['a', ''] }, 'invalid-request'],
    ['too many stop strings', { stopStrings: Array<string>(17).fill('a') }, 'invalid-request'],
  ])('%s is refused before anything runs', async (_what, changes, code) => {
    const { port, events, closed } = listen<GenerationEvent>();

    await expect(engine.generate({ ...QUESTION, ...changes }, port)).rejects.toMatchObject({
      code,
    });

    await closed;
    expect(events).toEqual([]);
    expect(model.runs).toEqual([]);
  });

  test('a second load is refused', async () => {
    const again = engine.load('folder', OPTIONS, listen().port);

    await expect(again).rejects.toMatchObject({ code: 'busy' });
  });

  test('unload stops what runs, sends its ending and releases the model', async () => {
    const running = ask(engine, QUESTION);

    await engine.unload();

    expect((await running).at(-1)).toMatchObject({ type: 'end', reason: 'cancelled' });
    await expect(model.decode(1)).rejects.toThrow();
    await expect(ask(engine, QUESTION)).rejects.toMatchObject({ code: 'not-loaded' });
    await expect(engine.unload()).resolves.toBeUndefined();
  });
});

describe('loading', () => {
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  test('passes on progress, then what was loaded', async () => {
    const step: LoadEvent = { type: 'loading', phase: 'weights', fraction: 0.5 };
    const engine = createEngine({
      openModel: async (_folder, _options, onProgress) => {
        onProgress(step);
        return opened(speaking('a'));
      },
    });
    const { port, events, closed } = listen<LoadEvent>();

    const loaded = await engine.load('folder', OPTIONS, port);

    await closed;
    expect(events).toEqual([step]);
    expect(loaded).toMatchObject({ contextTokens: 256, summary: { threads: 1 } });
  });

  test('a load that fails may be tried again', async () => {
    let tries = 0;
    const engine = createEngine({
      openModel: async () => {
        if (tries++ === 0) throw new AppError('compiled-damaged', 'first try');
        return opened(speaking('Yes.'));
      },
    });

    const first = engine.load('folder', OPTIONS, listen().port);
    await expect(first).rejects.toMatchObject({ code: 'compiled-damaged' });
    await expect(ask(engine, QUESTION)).rejects.toMatchObject({ code: 'not-loaded' });
    await engine.load('folder', OPTIONS, listen().port);

    expect(textIn(await ask(engine, QUESTION))).toBe('Yes.');
  });

  test('a model with fewer logits than the tokenizer has tokens is refused and released', async () => {
    const small = new FakeLanguageModel(FAKE_VOCABULARY - 1, 256);

    const act = engineOf(small).load('folder', OPTIONS, listen().port);

    await expect(act).rejects.toMatchObject({ code: 'vocabulary-mismatch' });
    await expect(small.decode(1)).rejects.toThrow('disposed');
  });

  test.each([
    { contextTokens: 0, threads: 1 },
    { contextTokens: 1000.5, threads: 1 },
    { contextTokens: 1024, threads: 0 },
  ])('options %o are refused', async (changes) => {
    const engine = engineOf(speaking('a'));

    const act = engine.load('folder', { ...OPTIONS, ...changes }, listen().port);

    await expect(act).rejects.toMatchObject({ code: 'invalid-request' });
  });
});
