import { afterEach, describe, expect, test } from 'vitest';
import { nodeThreads } from '../../models/cli/kernel-threads.ts';
import type { SimdLanguageModel } from '../../src/engine/simd/simd-language-model.ts';
import type { StartThread, Thread, ThreadEvents } from '../../src/engine/simd/thread-pool.ts';
import { tinyBytes } from '../support/compiled-tiny.ts';
import { openInMemory } from '../support/simd-tiny.ts';

const TOKENS = [5, 17, 3, 42, 8, 61, 12, 33, 9, 10, 11, 13];

interface Started {
  readonly thread: Thread;
  readonly events: ThreadEvents;
}

describe('a thread that dies', () => {
  let model: SimdLanguageModel | null = null;
  afterEach(async () => {
    await model?.dispose();
    model = null;
  });

  async function openOnThree() {
    const started: Started[] = [];
    const start = await nodeThreads();
    const startThread: StartThread = (order, events) => {
      const thread = start(order, events);
      started.push({ thread, events });
      return thread;
    };
    const opened = await openInMemory(await tinyBytes(), { threads: 3, startThread });
    ({ model } = opened);
    return { model: opened.model, started };
  }

  test('without a word ends the run, and the next run has new threads', async () => {
    const { model, started } = await openOnThree();
    const expected = await model.score(TOKENS, 1);
    model.truncate(0);

    await started[1]?.thread.terminate(); // as a browser ends a worker: nobody is told
    const failed = await model.prefill(TOKENS).catch((error: unknown) => error);

    expect(failed).toMatchObject({ code: 'worker-died' });
    expect(model.length).toBe(0);
    expect(await model.score(TOKENS, 1)).toEqual(expected);
    expect(started).toHaveLength(4);
  });

  test('and says so ends the next run at once', async () => {
    const { model, started } = await openOnThree();
    const cause = new Error('out of memory');

    started[0]?.events.onDeath(cause);

    await expect(model.decode(5)).rejects.toMatchObject({ code: 'worker-died', cause });
    await expect(model.decode(5)).resolves.toMatchObject({ of: 'leaders' });
  });

  test('leaves what the cache held before', async () => {
    const { model, started } = await openOnThree();
    await model.prefill(TOKENS);
    const expected = await model.score([7], 1);
    model.truncate(TOKENS.length);

    started[0]?.events.onDeath(new Error('gone'));
    await expect(model.decode(7)).rejects.toThrow();

    expect(model.length).toBe(TOKENS.length);
    expect(await model.score([7], 1)).toEqual(expected);
  });
});

describe('a cancel', () => {
  test('stops a prompt between two layers, on one thread too', async () => {
    const { model } = await openInMemory(await tinyBytes());
    let asked = 0;

    const outcome = await model.prefill(TOKENS, () => ++asked === 1);

    expect(outcome).toBe('cancelled');
    expect(asked).toBe(1); // of two layers
    expect(model.length).toBe(0);
    await model.dispose();
  });

  test('that was sent as a message gets in while a prompt runs', async () => {
    const { model } = await openInMemory(await tinyBytes());
    const { port1, port2 } = new MessageChannel();
    let isCancelled = false;
    port1.onmessage = () => (isCancelled = true);

    const running = model.prefill(TOKENS, () => isCancelled);
    port2.postMessage('cancel');

    expect(await running).toBe('cancelled');
    port1.close();
    await model.dispose();
  });
});
