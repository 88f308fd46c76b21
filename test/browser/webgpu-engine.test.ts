/**
 * The engine on WebGPU in a real browser, by a software adapter: right, and a thousand times slower than a GPU. It runs
 * alone in a worker, without the page around it. Wrong numbers: in the page (`ladder.test.ts`), and case by case without
 * a GPU (`test/unit/self-test.test.ts`).
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JSHandle } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChatMessage, GenerateRequest } from '../../src/contract/engine.ts';
import type { GenerationEvent } from '../../src/contract/events.ts';
import type { WebGpuTarget } from '../../src/contract/model.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import { GraphOnCpu } from '../../src/engine/ort/graph-on-cpu.ts';
import { measureSelfTest } from '../../src/engine/ort/measure-self-test.ts';
import { openModel } from '../../src/engine/ort/open-model.ts';
import { present } from '../../src/lib/assert.ts';
import { languageModelScenarios, PLAIN_TERMS } from '../contract/language-model.ts';
import { askEngine, tokensIn } from '../support/ask-engine.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { compileForWebGpuInMemory, compileInMemory, tinyBytes } from '../support/compiled-tiny.ts';
import { serveEnginePage, type EnginePageSite } from '../support/engine-page.ts';
import type { EngineHandle } from './pages/engine.ts';
import type { EngineLoad, Interrupt } from './pages/engine.worker.ts';

/** Compiling some thirty shaders on a busy CPU takes a while; nothing here measures how long. */
const LONG_MS = 300_000;
const CPU = { threads: 1, runtime: { folderUrl: null } };

let site: EnginePageSite;
let browser: TestBrowser;
let folder: string;

/** Compiles a model into a folder as a page would find it, its self-test measured. */
async function compileTo(name: string, gguf: Uint8Array, target: WebGpuTarget): Promise<void> {
  const compiled = await compileForWebGpuInMemory(gguf, target);
  const selfTest = await measureSelfTest(compiled.folder, compiled.manifest, CPU);
  const manifest = Buffer.from(JSON.stringify({ ...compiled.manifest, selfTest }));
  await mkdir(join(folder, name));
  for (const [file, bytes] of new Map(compiled.files).set('manifest.json', manifest)) {
    await writeFile(join(folder, name, file), bytes);
  }
}

/** All logits after `tokens`, by the CPU from the same weights. */
async function logitsOnCpu(tokens: readonly number[]): Promise<readonly number[]> {
  const {
    manifest,
    files,
    folder: compiled,
  } = await compileForWebGpuInMemory(await tinyBytes(), 'webgpu-f32', { returns: 'logits' });
  const graph = await GraphOnCpu.open(
    {
      manifest,
      graph: present(files.get('model.onnx'), 'a graph'),
      weights: await compiled.openSync('weights.bin'),
    },
    { ...CPU, contextTokens: 64 },
  );
  const logits = await graph.run(tokens, 'logits');
  await graph.dispose();
  return [...logits.subarray(-manifest.shape.vocabulary)];
}

/** An engine in a worker and a page of its own. */
class Engine {
  readonly #handle: JSHandle<EngineHandle>;

  private constructor(handle: JSHandle<EngineHandle>) {
    this.#handle = handle;
  }

  static async start(): Promise<Engine> {
    const { page } = await browser.openPage(site.url);
    await page.waitForFunction(() => window.startEngine !== undefined);
    return new Engine(
      await page.evaluateHandle(() => {
        if (window.startEngine === undefined) throw new Error('the page is not ready');
        return window.startEngine();
      }),
    );
  }

  load(name: string, changes: Partial<EngineLoad> = {}) {
    const folderUrl = `${new URL(site.url).origin}/models/${name}`;
    const load = {
      rung: 'webgpu-f32',
      contextTokens: 128,
      threads: 1,
      build: null,
      folderUrl,
    } as const;
    return this.#handle.evaluate((engine, load) => engine.ask((api) => api.load(load)), {
      ...load,
      ...changes,
    });
  }

  ask(request: GenerateRequest, interrupt: Interrupt | null = null) {
    return this.#handle.evaluate(
      (engine, { request, interrupt }) => engine.ask((api) => api.ask(request, interrupt)),
      { request, interrupt },
    );
  }

  runScenario(name: string, allLogits: readonly number[]): Promise<void> {
    return this.#handle.evaluate(
      (engine, { name, allLogits }) => engine.ask((api) => api.runScenario(name, allLogits)),
      { name, allLogits },
    );
  }

  counts() {
    return this.#handle.evaluate((engine) => engine.ask((api) => api.counts()));
  }

  unload(): Promise<void> {
    return this.#handle.evaluate((engine) => engine.ask((api) => api.unload()));
  }
}

/** Greedy: the same prompt and model give the same text. */
function request(messages: readonly ChatMessage[], maxNewTokens: number): GenerateRequest {
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 0 };
  return { messages, sampling, maxNewTokens, stopStrings: [], begun: [] };
}

const user = (content: string): ChatMessage => ({ role: 'user', content });

type Ask = (
  request: GenerateRequest,
  interrupt: Interrupt | null,
) => Promise<readonly GenerationEvent[]>;

/** Of each of two turns; asking for a part of the second again makes 48, the cancelled ones aside. */
const TURN_TOKENS = 20;

/** A turn, one that is cancelled, and a second turn on the first. */
async function converse(ask: Ask) {
  const first = await ask(request([user('What is the capital of France?')], TURN_TOKENS), null);
  const cancelled = await ask(request([user('Tell me a story.')], TURN_TOKENS), {
    by: 'cancel',
    afterTokens: 3,
  });
  const reply: ChatMessage = { role: 'assistant', content: '', tokenIds: tokensIn(first) };
  const messages = [user('What is the capital of France?'), reply, user('And of Spain?')];
  const second = await ask(request(messages, TURN_TOKENS), null);
  const again = await ask(request(messages, 8), null);
  return { first, cancelled, second, again };
}

type Conversation = Awaited<ReturnType<typeof converse>>;

/** By the CPU engine on the same file. */
async function converseOnCpu(gguf: Uint8Array, contextTokens: number): Promise<Conversation> {
  const { folder: compiled } = await compileInMemory(gguf);
  const options = { contextTokens, ...CPU };
  const engine = createEngine({ openModel: () => openModel(compiled, options, () => {}) });
  await engine.load('', { rung: 'wasm-int8', ...options }, new MessageChannel().port2);
  const conversation = await converse((asked, interrupt) =>
    askEngine(engine, asked, (tokens) => (tokens === interrupt?.afterTokens ? 'cancel' : null)),
  );
  await engine.unload();
  return conversation;
}

function expectSame(found: Conversation, expected: Conversation): void {
  for (const turn of ['first', 'second', 'again'] as const) {
    expect(tokensIn(found[turn]), turn).toEqual(tokensIn(expected[turn]));
    expect(reusedIn(found[turn]), turn).toBe(reusedIn(expected[turn]));
  }
  expect(found.cancelled.at(-1)).toMatchObject({ type: 'end', reason: 'cancelled' });
  expect(reusedIn(found.again)).toBeGreaterThan(reusedIn(found.second));
}

function reusedIn(events: readonly GenerationEvent[]): number {
  const [first] = events;
  if (first?.type !== 'prefill') throw new Error('no prefill');
  return first.reusedTokens;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-webgpu-'));
  site = await serveEnginePage({ '/models/': `${folder}/` });
  browser = await launchBrowser({ gpu: 'software' });
  await compileTo('f32', await tinyBytes(), 'webgpu-f32');
}, LONG_MS);

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the engine on WebGPU', () => {
  let engine: Engine;
  let loaded: Awaited<ReturnType<Engine['load']>>;
  let allLogits: readonly number[];

  beforeAll(async () => {
    allLogits = await logitsOnCpu(PLAIN_TERMS.tokens);
    engine = await Engine.start();
    loaded = await engine.load('f32');
  }, LONG_MS);

  test('loads: each phase in its turn, and progress that only grows', () => {
    expect(loaded.error).toBeNull();
    expect(present(loaded.summary, 'a summary').phases.map(({ name }) => name)).toEqual([
      'runtime',
      'weights',
      'tokenizer',
      'shaders',
      'self-test',
    ]);
    const fractions = loaded.progress.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(loaded.progress.filter(({ phase }) => phase === 'shaders').length).toBeGreaterThan(10);
  });

  test('tells what it runs on, what it takes there, and how near its numbers are', () => {
    const gpu = present(present(loaded.summary, 'a summary').gpu, 'a GPU');

    expect(gpu).toMatchObject({
      adapter: { isSoftware: true, ortBuild: 'jspi' },
      usedFeatures: expect.arrayContaining(['timestamp-query']) as unknown,
      cacheBuffers: 4,
      replaysDecode: true,
    });
    // 2 layers of keys and values, 2 heads of 16, 4 bytes each; the self-test may ask for a longer context.
    expect(gpu.memory.cacheBytes % (2 * 2 * 2 * 16 * 4)).toBe(0);
    expect(gpu.memory.cacheBytes).toBeGreaterThanOrEqual(2 * 2 * 2 * 16 * 4 * 128);
    expect(gpu.selfTest.largestErrorNats).toBeLessThan(0.001);
    expect(gpu.selfTest.sameTokens).toBe(gpu.selfTest.tokens);
  });

  const lasting = languageModelScenarios.filter(({ name }) => !name.includes('dispose'));
  test.each(lasting)(
    'as a LanguageModel: $name',
    async ({ name }) => {
      await expect(engine.runScenario(name, allLogits)).resolves.toBeUndefined();
    },
    LONG_MS,
  );

  test(
    'gives the tokens of the CPU over two turns and a cancelled one, and finds as much in its cache',
    async () => {
      const expected = await converseOnCpu(await tinyBytes(), 128);

      const found = await converse((request, interrupt) => engine.ask(request, interrupt));

      expectSame(found, expected);
      expect(tokensIn(found.first)).toHaveLength(TURN_TOKENS);
      expect(tokensIn(found.second)).toHaveLength(TURN_TOKENS);
    },
    LONG_MS,
  );

  test(
    'reads back once per token, at most 2 kB, and makes no buffer for it',
    async () => {
      const few = request([user('Hello!')], 4);
      await engine.ask(few);
      const start = await engine.counts();
      await engine.ask(few);
      const afterFew = await engine.counts();
      const events = await engine.ask({ ...few, maxNewTokens: 14 });
      const afterMore = await engine.counts();

      const perToken = (count: keyof typeof start) =>
        (afterMore[count] - afterFew[count] - (afterFew[count] - start[count])) / 10;
      console.log(
        `note: a decoded token of a model of 2 layers: ${perToken('dispatches')} dispatches, ` +
          `${perToken('submissions')} submissions, ${perToken('readBackBytes')} bytes read back`,
      );
      expect(tokensIn(events)).toHaveLength(14);
      expect(perToken('readBacks')).toBe(1);
      expect(perToken('readBackBytes')).toBeLessThanOrEqual(2000);
      expect(perToken('buffersCreated')).toBe(0);
      expect(perToken('dispatches')).toBeLessThanOrEqual(40);
    },
    LONG_MS,
  );

  test(
    'tells where the time of a run goes, by the clock of the GPU too',
    async () => {
      const events = await engine.ask(request([user('Hello!')], 4));

      const end = events.at(-1);
      if (end?.type !== 'end') throw new Error('no ending');
      const { recordMs, gpuMs, waitMs } = present(end.summary.runTimes, 'times');
      expect(recordMs).toBeGreaterThan(0);
      expect(gpuMs).toBeGreaterThan(0);
      expect(waitMs).toBeGreaterThan(0);
    },
    LONG_MS,
  );

  test(
    'as a LanguageModel: every call after dispose rejects, and a second dispose does not',
    async () => {
      const name = present(languageModelScenarios.at(-1), 'scenarios').name;
      expect(name).toContain('dispose');

      await expect(engine.runScenario(name, allLogits)).resolves.toBeUndefined();
    },
    LONG_MS,
  );
});

describe('on the build for browsers that cannot suspend WebAssembly', () => {
  let engine: Engine;

  test(
    'the numbers are the same',
    async () => {
      engine = await Engine.start();

      const { summary, error } = await engine.load('f32', { build: 'asyncify' });

      expect(error).toBeNull();
      expect(summary?.gpu).toMatchObject({
        adapter: { ortBuild: 'asyncify' },
        replaysDecode: true,
      });
      expect(summary?.gpu?.selfTest.largestErrorNats).toBeLessThan(0.001);
    },
    LONG_MS,
  );

  test(
    'a device that is lost in mid-answer ends the answer, and nothing asked later waits for it',
    async () => {
      const asked = request([user('What is the capital of France?')], 24);
      const events = await engine.ask(asked, { by: 'loss', afterTokens: 3 });
      const later = await engine.ask(asked);

      expect(tokensIn(events).length).toBeGreaterThanOrEqual(3);
      expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'webgpu-lost' } });
      expect(later.at(-1)).toMatchObject({ type: 'failed', error: { code: 'webgpu-lost' } });
      await expect(engine.unload()).resolves.toBeUndefined();
    },
    LONG_MS,
  );
});

test(
  'the guide gives the tokens of the CPU over two turns and a cancelled one',
  async () => {
    const guide = await readFile('models/guide/guide.gguf');
    const expected = await converseOnCpu(guide, 160);
    await compileTo('guide', guide, 'webgpu-f32');
    const engine = await Engine.start();
    const { error } = await engine.load('guide', { contextTokens: 160 });
    expect(error).toBeNull();

    const found = await converse((asked, interrupt) => engine.ask(asked, interrupt));

    expectSame(found, expected);
    const turns = [found.first, found.second, found.again];
    expect(turns.flatMap(tokensIn).length).toBeGreaterThanOrEqual(48);
  },
  LONG_MS,
);

test(
  'a model in half precision is refused by an adapter without it',
  async () => {
    await compileTo('f16', await tinyBytes(), 'webgpu-f16');
    const engine = await Engine.start();

    const { error } = await engine.load('f16', { rung: 'webgpu-f16' });

    expect(error).toMatchObject({ code: 'webgpu-unavailable' });
  },
  LONG_MS,
);
