/** The benchmark's way: which requests it makes, what it reads off them, and how it ends. */
import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState } from '../../src/state/app-state.ts';
import { createBenchmark } from '../../src/state/benchmark/benchmark.ts';
import { bitsPerWeight } from '../../src/state/benchmark/bits-per-weight.ts';
import { driftOf, shareKept } from '../../src/state/benchmark/drift.ts';
import { lengthsLeftOut, planFor } from '../../src/state/benchmark/plan.ts';
import { compare } from '../../src/ui/benchmark/compare.ts';
import { benchmarkResult } from '../support/benchmark-result.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine, type FakeEngineScript } from '../support/fake-engine.ts';
import { fakeForm, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';

const QUICK = { extent: 'quick', rounds: 2, hasDrift: false } as const;
const FACTS = { cores: 8, pageVersion: '0.1.0' };

/** More than any prompt has: the fake leaves out of its reply what was begun of it. */
const LONG = Array.from({ length: 400 }, () => 'a');

async function readyBenchmark(script: Partial<FakeEngineScript> = {}) {
  const engine = new FakeEngine({ tokens: LONG, ...script });
  const store = new FakeStore([storedModel({ forms: [fakeForm(fakeId('a'), 'wasm-int8')] })]);
  const notes = fakeNotes({ 'offgrid.pinned-rung': 'wasm-int8' });
  const dependencies = fakeDependencies({ engine, store, notes });
  const app = createAppState(dependencies);
  await app.models.start();
  return { app, engine, dependencies, benchmark: createBenchmark(app.bench, FACTS) };
}

describe('a run', () => {
  test('loads the model anew for each round, and runs cold and warm with the same prompt of fixed length', async () => {
    const { benchmark, engine } = await readyBenchmark();
    const loadsBefore = engine.loads.length;

    await benchmark.run(QUICK);

    expect(engine.loads.length - loadsBefore).toBe(2);
    const [probe, ...runs] = engine.requests;
    expect(probe).toMatchObject({ maxNewTokens: 1, isMeasured: true });
    expect(runs).toHaveLength(4);
    expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(1);
    expect(runs[0]).toMatchObject({ maxNewTokens: 64, isMeasured: true });
    expect(runs[0]?.begun).toHaveLength(128 - 13); // the fake's template with its one word has 13
  });

  test('gives the engine’s own figures, by kind, length and heat, with device and versions', async () => {
    const { benchmark } = await readyBenchmark();

    await benchmark.run(QUICK);

    expect(benchmark.failure.value).toBeNull();
    expect(benchmark.running.value).toBeNull();
    expect(benchmark.own.value).toMatchObject({
      model: { title: 'Qwen2.5 0.5B Instruct', sha256: fakeId('a') },
      engine: { rung: 'wasm-int8', threads: 2 },
      versions: { page: '0.1.0', runtime: '1.0', compiler: 1 },
      device: { browser: 'Fake/1', cores: 8, memoryBytes: 8e9, gpu: null },
      series: [
        { kind: 'prefill', tokens: 128, heat: 'cold', perSecond: [1000 / 7, 1000 / 7] },
        { kind: 'decode', tokens: 64, heat: 'cold' },
        { kind: 'prefill', tokens: 128, heat: 'warm' },
        { kind: 'decode', tokens: 64, heat: 'warm' },
      ],
      drift: null,
      wasHidden: false,
    });
    expect(benchmark.own.value?.loadMs).toHaveLength(2);
  });

  test('is there again after the page was loaded anew', async () => {
    const { app, benchmark } = await readyBenchmark();
    await benchmark.run(QUICK);

    const again = createBenchmark(app.bench, FACTS);

    expect(again.own.value).toEqual(benchmark.own.value);
  });

  test('that is stopped keeps what was measured, and the model answers then', async () => {
    const { app, engine, benchmark } = await readyBenchmark();
    effect(() => {
      if (benchmark.running.value !== null && engine.requests.length > 2) benchmark.stop();
    });

    await benchmark.run({ ...QUICK, rounds: 20 });

    expect(benchmark.own.value?.series.length).toBeGreaterThan(0);
    expect(engine.requests.length).toBeLessThan(8);
    await app.conversation.ask('What is the capital of France?');
    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      text: LONG.join(''),
      ending: { reason: 'stop' },
    });
  });

  test('that is still on its way out lets a question wait, and not end unanswered', async () => {
    const { app, engine, benchmark } = await readyBenchmark();
    const run = benchmark.run(QUICK);
    while (engine.requests.length < 2) await engine.script.pause();

    benchmark.stop();
    await app.conversation.ask('What is the capital of France?');

    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      text: LONG.join(''),
      ending: { reason: 'stop' },
    });
    await run;
  });

  test('whose engine fails says why and keeps what was measured', async () => {
    const { engine, benchmark } = await readyBenchmark();
    effect(() => {
      if (benchmark.own.value === null) return;
      engine.script.failNextAnswer ??= {
        error: new AppError('worker-died', 'killed by this test'),
        afterTokens: 120,
      };
    });

    await benchmark.run(QUICK);

    expect(benchmark.failure.value).toMatchObject({ code: 'worker-died' });
    expect(benchmark.own.value?.series.length).toBeGreaterThan(0);
  });

  test('whose engine cannot be loaded anew says why', async () => {
    const { engine, benchmark } = await readyBenchmark();
    engine.script.failNextLoad = new AppError('out-of-memory', 'by this test');

    await benchmark.run(QUICK);

    expect(benchmark.failure.value).toMatchObject({ code: 'out-of-memory' });
    expect(benchmark.own.value).toBeNull();
  });

  test('tells that the page was out of sight', async () => {
    const { benchmark, dependencies } = await readyBenchmark();
    const run = benchmark.run(QUICK);
    dependencies.presence.hide();
    await run;

    expect(benchmark.own.value?.wasHidden).toBe(true);
  });

  test('decodes for three minutes where heat is asked for', async () => {
    const { benchmark, dependencies, engine } = await readyBenchmark();
    engine.script.pause = () => Promise.resolve(dependencies.clock.advance(70));

    await benchmark.run({ extent: 'quick', rounds: 1, hasDrift: true });

    const drift = benchmark.own.value?.drift ?? [];
    expect(drift.at(-1)?.atMs).toBe(180_000);
    expect(drift[3]?.perSecond).toBeCloseTo(1000 / 70);
  });
});

describe('a plan', () => {
  test('leaves out what the context cannot hold', () => {
    const plan = planFor({ extent: 'full', rounds: 1, hasDrift: false }, 512);

    expect(plan.trials.map(({ promptTokens, newTokens }) => [promptTokens, newTokens])).toEqual([
      [128, 64],
      [128, 256],
    ]);
    expect(lengthsLeftOut(plan)).toEqual([
      { kind: 'prefill', tokens: 512 },
      { kind: 'prefill', tokens: 2048 },
    ]);
  });

  test('has every length where the context holds them', () => {
    const plan = planFor({ extent: 'full', rounds: 1, hasDrift: false }, 4096);

    expect(plan.leftOut).toEqual([]);
  });
});

describe('heat', () => {
  test('is told by stretches of ten seconds: tokens divided by the time between them', () => {
    const intervals = [
      { endedAtMs: 500, elapsedMs: 100 },
      { endedAtMs: 9000, elapsedMs: 300 },
      { endedAtMs: 25_000, elapsedMs: 400 },
    ];

    expect(driftOf(intervals)).toEqual([
      { atMs: 10_000, perSecond: 5 },
      { atMs: 30_000, perSecond: 2.5 },
    ]);
  });

  test('is the share of speed that is left at the end', () => {
    const point = (perSecond: number) => ({ atMs: 1, perSecond });

    expect(shareKept([point(20), point(18), point(16)])).toBe(0.8);
    expect(shareKept([point(20)])).toBeNull();
  });
});

describe('two results', () => {
  test('stand side by side, prefill before decode and short before long', () => {
    const here = benchmarkResult();
    const other = benchmarkResult({
      series: [{ kind: 'decode', tokens: 64, heat: 'cold', perSecond: [10, 20, 30, 40] }],
    });

    const lines = compare(here, other);

    expect(lines.map(({ kind, tokens, heat }) => `${kind} ${tokens} ${heat}`).slice(0, 7)).toEqual([
      'prefill 128 cold',
      'prefill 128 warm',
      'prefill 512 cold',
      'prefill 512 warm',
      'prefill 2048 cold',
      'prefill 2048 warm',
      'decode 64 cold',
    ]);
    expect(lines[6]).toMatchObject({
      here: { median: 33.6, samples: 3 },
      other: { median: 25, p25: 17.5, p75: 32.5, samples: 4 },
    });
  });
});

test('bits per weight are those of the file, over matrices and embedding', () => {
  const bits = bitsPerWeight({
    target: 'wasm-int8',
    source: { totalBytes: 1000 },
    shape: {
      layers: 2,
      width: 8,
      feedForwardWidth: 16,
      queryHeads: 2,
      keyValueHeads: 1,
      headSize: 4,
      vocabulary: 100,
    },
    embedding: null,
  } as Parameters<typeof bitsPerWeight>[0]);

  expect(bits).toBe(8000 / (2 * (2 * 8 * 12 + 3 * 8 * 16) + 800));
});
