import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineHost } from '../../src/client/engine-host.ts';
import type {
  EngineApi,
  GenerateRequest,
  LoadedModel,
  LoadEvent,
} from '../../src/contract/engine.ts';
import { AppError, toWire } from '../../src/contract/errors.ts';
import type { GenerationEvent } from '../../src/contract/events.ts';
import type { WayOutTried } from '../../src/contract/requests.ts';
import type { Capability } from '../../src/contract/rungs.ts';
import { present } from '../../src/lib/assert.ts';
import { REFUSED_FETCH } from '../support/fake-engine.ts';
import { FakeWorker } from '../support/fake-worker.ts';

const OPTIONS = { rung: 'wasm-int8', contextTokens: 64, threads: 1 } as const;
const REQUEST: GenerateRequest = {
  messages: [{ role: 'user', content: 'Hello' }],
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 1 },
  maxNewTokens: 8,
  stopStrings: [],
};
const OFFERED: Capability = { gpu: { type: 'no-webgpu' }, threads: 1 };
const LOADED = { contextTokens: 64 } as LoadedModel;
const PREFILL: GenerationEvent = {
  type: 'prefill',
  doneTokens: 3,
  promptTokens: 3,
  reusedTokens: 0,
  omittedMessages: 0,
};
const STEP: GenerationEvent = { type: 'step', tokens: [], drafted: 0 };
const end = (reason: 'stop' | 'cancelled') =>
  ({ type: 'end', reason, tail: '', summary: {} }) as unknown as GenerationEvent;

/** An engine that does nothing by itself: the test says what it sends and hears what it is told. */
class PuppetEngine implements EngineApi {
  /** Of the running load or generation. */
  events: MessagePort | null = null;
  readonly heard: unknown[] = [];
  onProbe: () => Promise<Capability> = async () => OFFERED;
  onLoad: () => Promise<LoadedModel> = async () => LOADED;
  onGenerate: () => Promise<void> = async () => {};
  onCancel = () => this.send(end('cancelled'));

  async probe(): Promise<Capability> {
    return this.onProbe();
  }

  async load(_folder: string, _options: unknown, events: MessagePort): Promise<LoadedModel> {
    this.events = events;
    return this.onLoad();
  }

  async generate(_request: unknown, events: MessagePort): Promise<void> {
    this.events = events;
    events.onmessage = ({ data }) => {
      this.heard.push(data);
      if (data === 'cancel') this.onCancel();
    };
    return this.onGenerate();
  }

  async unload(): Promise<void> {}

  async tryWaysOut(): Promise<readonly WayOutTried[]> {
    return [REFUSED_FETCH];
  }

  send(event: GenerationEvent | LoadEvent): void {
    present(this.events, 'a running request').postMessage(event);
  }
}

const workers: FakeWorker[] = [];
const engines: PuppetEngine[] = [];
const newest = () => ({
  worker: present(workers.at(-1), 'a worker'),
  engine: present(engines.at(-1), 'an engine'),
});
let host: EngineHost;

/** Short enough to wait for, long enough not to strike by itself on a busy machine. */
const PATIENCE = { silenceLimitMs: 200, cancelLimitMs: 100, probeLimitMs: 100 };

beforeEach(() => {
  host = new EngineHost(() => {
    const engine = new PuppetEngine();
    const worker = new FakeWorker(engine);
    engines.push(engine);
    workers.push(worker);
    return worker;
  }, PATIENCE);
});

afterEach(() => {
  vi.useRealTimers();
  host.dispose();
  workers.length = 0;
  engines.length = 0;
});

const alive = new AbortController().signal;
const load = (signal = alive, onProgress: (event: LoadEvent) => void = () => {}) =>
  host.load('folder', OPTIONS, onProgress, signal);
const until = async (test: () => boolean) => {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 1));
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function readAll(events: AsyncGenerator<GenerationEvent>): Promise<string[]> {
  const types: string[] = [];
  for await (const event of events) types.push(event.type);
  return types;
}

describe('asking what the browser offers', () => {
  test('is done in a worker of its own, which is ended then', async () => {
    await load();

    expect(await host.probe()).toEqual(OFFERED);

    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([false, true]);
  });

  test('ends when the driver hangs', async () => {
    const probing = host.probe();
    newest().engine.onProbe = () => new Promise(() => {});

    await expect(probing).rejects.toMatchObject({ code: 'worker-silent' });
    expect(newest().worker.isTerminated).toBe(true);
  });

  test('ends when the worker dies', async () => {
    const probing = host.probe();
    newest().engine.onProbe = () => new Promise(() => {});
    newest().worker.crash('GPU process gone');

    await expect(probing).rejects.toMatchObject({ code: 'worker-died' });
  });
});

describe('loading an engine', () => {
  test('gives the model and passes progress on', async () => {
    const seen: number[] = [];
    const loading = load(alive, ({ fraction }) => seen.push(fraction));
    const { engine } = newest();
    engine.onLoad = async () => {
      engine.send({ type: 'loading', phase: 'weights', fraction: 0.5 });
      await until(() => seen.length === 1);
      return LOADED;
    };

    expect(await loading).toEqual(LOADED);
    expect(seen).toEqual([0.5]);
  });

  test('again replaces the worker', async () => {
    await load();
    await load();

    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  });

  test('when cancelled, ends the worker and is null', async () => {
    const cancel = new AbortController();
    const loading = load(cancel.signal);
    newest().engine.onLoad = () => new Promise(() => {});

    cancel.abort();

    expect(await loading).toBeNull();
    expect(newest().worker.isTerminated).toBe(true);
    await expect(host.generate(REQUEST, alive).next()).rejects.toMatchObject({
      code: 'not-loaded',
    });
  });

  test('cancelled beforehand starts no worker', async () => {
    expect(await load(AbortSignal.abort())).toBeNull();
    expect(workers).toHaveLength(0);
  });

  test('that fails keeps code and numbers of the error, and the worker is not used again', async () => {
    const loading = load();
    newest().engine.onLoad = async () => {
      const detail = { type: 'beyond-page-memory', neededBytes: 7e9, mostBytes: 4e9 } as const;
      throw new AppError('model-too-large', 'no heap', { detail });
    };

    await expect(loading).rejects.toMatchObject({
      code: 'model-too-large',
      detail: { type: 'beyond-page-memory', neededBytes: 7e9, mostBytes: 4e9 },
    });
    expect(newest().worker.isTerminated).toBe(true);
  });

  test.each([
    ['throws outside of any call', (worker: FakeWorker) => worker.crash('boom'), /boom/],
    ['has a script that does not load', (worker: FakeWorker) => worker.crash(), /script/],
    ['sends what cannot be read', (worker: FakeWorker) => worker.garble(), /read/],
  ])('ends when the worker %s', async (_case, break_, message) => {
    const loading = load();
    newest().engine.onLoad = () => new Promise(() => {});

    break_(newest().worker);

    await expect(loading).rejects.toMatchObject({
      code: 'worker-died',
      message: expect.stringMatching(message),
    });
  });

  test('ends when the worker says nothing for too long', async () => {
    const loading = load();
    newest().engine.onLoad = () => new Promise(() => {});

    await expect(loading).rejects.toMatchObject({ code: 'worker-silent' });
    expect(newest().worker.isTerminated).toBe(true);
  });
});

describe('generating', () => {
  test('yields every event and one ending', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () =>
      [PREFILL, STEP, STEP, end('stop')].forEach((e) => engine.send(e));

    const types = await readAll(host.generate(REQUEST, alive));

    expect(types).toEqual(['prefill', 'step', 'step', 'end']);
  });

  test('hears nothing after the ending', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () =>
      [PREFILL, end('stop'), STEP, end('stop')].forEach((e) => engine.send(e));

    const types = await readAll(host.generate(REQUEST, alive));

    expect(types).toEqual(['prefill', 'end']);
  });

  test('without an engine is refused', async () => {
    await expect(readAll(host.generate(REQUEST, alive))).rejects.toMatchObject({
      code: 'not-loaded',
    });
  });

  test('throws what the worker refuses, and the engine goes on', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = () => Promise.reject(new AppError('prompt-too-long', '70 of 64'));
    await expect(readAll(host.generate(REQUEST, alive))).rejects.toMatchObject({
      code: 'prompt-too-long',
    });
    engine.onGenerate = async () => engine.send(end('stop'));

    expect(await readAll(host.generate(REQUEST, alive))).toEqual(['end']);
  });

  test('throws the failure that ends it, after what came before', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => {
      engine.send(STEP);
      engine.send({ type: 'failed', error: toWire(new AppError('runtime-failed', 'bad node')) });
    };
    const events = host.generate(REQUEST, alive);

    expect((await events.next()).value).toMatchObject({ type: 'step' });
    await expect(events.next()).rejects.toMatchObject({ code: 'runtime-failed' });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('when aborted tells the worker, and its ending still arrives', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => engine.send(PREFILL);
    const cancel = new AbortController();
    const events = host.generate(REQUEST, cancel.signal);
    await events.next();

    cancel.abort();

    expect((await events.next()).value).toMatchObject({ type: 'end', reason: 'cancelled' });
    expect(engine.heard).toEqual(['cancel']);
    await pause(2 * PATIENCE.cancelLimitMs);
    expect(newest().worker.isTerminated).toBe(false);
  });

  test('aborted beforehand is cancelled by the worker like any other', async () => {
    await load();

    const types = await readAll(host.generate(REQUEST, AbortSignal.abort()));

    expect(types).toEqual(['end']);
  });

  test('is over when no ending follows the request to stop, and the next load starts anew', async () => {
    await load();
    const { engine, worker } = newest();
    engine.onGenerate = async () => engine.send(PREFILL);
    engine.onCancel = () => {};
    const cancel = new AbortController();
    const events = host.generate(REQUEST, cancel.signal);
    await events.next();

    cancel.abort();

    await expect(events.next()).rejects.toMatchObject({ code: 'worker-died' });
    expect(worker.isTerminated).toBe(true);
    await load();
    expect(newest().worker).not.toBe(worker);
  });

  test('has 20 s to hear the request to stop: so long may a part of a prompt run on a phone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const engine = new PuppetEngine();
    const worker = new FakeWorker(engine);
    const patient = new EngineHost(() => worker);
    await patient.load('folder', OPTIONS, () => {}, alive);
    engine.onGenerate = async () => engine.send(PREFILL);
    engine.onCancel = () => {};
    const cancel = new AbortController();
    const events = patient.generate(REQUEST, cancel.signal);
    await events.next();

    cancel.abort();
    const rest = expect(events.next()).rejects.toMatchObject({ code: 'worker-died' });
    vi.advanceTimersByTime(19_900);
    const isEndedEarly = worker.isTerminated;
    vi.advanceTimersByTime(200);
    vi.useRealTimers();

    await rest;
    expect([isEndedEarly, worker.isTerminated]).toEqual([false, true]);
  });

  test('left early cancels, and leaves the engine free for the next request', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => engine.send(PREFILL);
    let ended = false;
    engine.onCancel = () => {
      ended = true;
      engine.send(end('cancelled'));
    };

    for await (const event of host.generate(REQUEST, alive)) {
      expect(event.type).toBe('prefill');
      break;
    }

    expect(ended).toBe(true);
    expect(newest().worker.isTerminated).toBe(false);
  });

  test('yields what came before the death of the worker, then throws it', async () => {
    await load();
    const { engine, worker } = newest();
    engine.onGenerate = async () => [PREFILL, STEP].forEach((e) => engine.send(e));
    const events = host.generate(REQUEST, alive);
    await events.next();
    await pause(20);

    worker.crash('out of heap');

    expect((await events.next()).value).toMatchObject({ type: 'step' });
    await expect(events.next()).rejects.toMatchObject({ code: 'worker-died' });
    await expect(host.generate(REQUEST, alive).next()).rejects.toMatchObject({
      code: 'worker-died',
    });
  });

  test('ends when the worker falls silent', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => engine.send(PREFILL);

    await expect(readAll(host.generate(REQUEST, alive))).rejects.toMatchObject({
      code: 'worker-silent',
    });
  });

  test('goes on for as long as events come', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => {
      void (async () => {
        for (let i = 0; i < 6; i++) {
          await pause(PATIENCE.silenceLimitMs / 3);
          engine.send(STEP);
        }
        engine.send(end('stop'));
      })();
    };

    expect(await readAll(host.generate(REQUEST, alive))).toHaveLength(7);
  });

  test('may be read slowly: what has arrived is not silence', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => [PREFILL, end('stop')].forEach((e) => engine.send(e));
    const events = host.generate(REQUEST, alive);
    await events.next();

    await pause(2 * PATIENCE.silenceLimitMs);

    expect((await events.next()).value).toMatchObject({ type: 'end' });
  });

  test('ends when another load takes the worker away', async () => {
    await load();
    const { engine } = newest();
    engine.onGenerate = async () => engine.send(PREFILL);
    const events = host.generate(REQUEST, alive);
    await events.next();
    const rest = expect(events.next()).rejects.toMatchObject({ code: 'worker-died' });

    await load();

    await rest;
  });
});

describe('tries to get out', () => {
  test('are made from within the engine that is there', async () => {
    await load();
    const before = workers.length;

    expect(await host.tryWaysOut()).toEqual([REFUSED_FETCH]);
    expect(workers.length).toBe(before);
  });

  test('are made from a worker of the same script where there is no engine, which then ends', async () => {
    expect(await host.tryWaysOut()).toEqual([REFUSED_FETCH]);
    expect(newest().worker.isTerminated).toBe(true);
  });
});
