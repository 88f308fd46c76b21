import { describe, expect, onTestFinished, test } from 'vitest';
import { STEP_DONE, STEP_LOST, STOP_NOW } from '../../../src/engine/simd/kernel-exports.ts';
import { KernelModel, ODD_SHAPE, randomWeights } from '../../support/kernel-model.ts';
import { KernelThreads } from '../../support/kernel-threads.ts';
import { BUILDS, type Build } from '../../support/kernels.ts';

const WEIGHTS = randomWeights(ODD_SHAPE, 21);
const PROMPT = Array.from({ length: 140 }, (_, i) => (i * 31) % ODD_SHAPE.vocabulary);

async function modelWithThreads(build: Build, threads: number, started: readonly number[]) {
  const model = new KernelModel(build, WEIGHTS, { chunkRows: 160, headRows: 8, threads });
  const team = await KernelThreads.start(build, model, started);
  onTestFinished(() => team.end());
  return { model, team };
}

describe.each(BUILDS)('threads in the %s build', (build) => {
  test.each([
    ['two', [1]],
    ['five', [1, 2, 3, 4]],
  ] as const)('%s give the bits of one', async (_name, others) => {
    const { model, team } = await modelWithThreads(build, others.length + 1, others);
    const alone = new KernelModel(build, WEIGHTS);

    for (const [tokens, start] of [
      [PROMPT, 0],
      [[3], 140],
      [[5, 8, 13], 141],
    ] as const) {
      model.prepare(tokens, start, 1);
      expect(team.step()).toBe(STEP_DONE);
      expect(model.heads(1)).toEqual(alone.run(tokens, start));
    }
  });

  test('fewer than there is room for may run', async () => {
    const { model } = await modelWithThreads(build, 3, []);
    model.bench.kernels.setThreads(model.address, 1);

    const heads = model.run(PROMPT, 0);

    expect(heads).toEqual(new KernelModel(build, WEIGHTS).run(PROMPT, 0));
  });

  test('one that never comes ends the step of the others', async () => {
    const { model, team } = await modelWithThreads(build, 3, [1]);
    model.prepare(PROMPT, 0, 1);

    expect(team.step()).toBe(STEP_LOST);
  });

  test('the stop word ends the waiting, and a new workspace all the trouble', async () => {
    const { model } = await modelWithThreads(build, 2, []);
    const { bench, address } = model;
    model.prepare(PROMPT, 0, 1);
    Atomics.store(bench.viewInts(bench.kernels.stopWord(address), 1), 0, STOP_NOW);

    expect(bench.kernels.runStep(address, 0)).toBe(STEP_LOST);

    const bytes = bench.kernels.workspaceBytes(address, 160, 8, 1);
    bench.kernels.createWorkspace(address, bench.place(bytes), 160, 8, 1);
    expect(model.run(PROMPT, 0)).toEqual(new KernelModel(build, WEIGHTS).run(PROMPT, 0));
  });
});

test('waiting for a change ends with it', () => {
  const model = new KernelModel('plain', WEIGHTS);
  const word = model.bench.place(4);
  model.bench.viewInts(word, 1)[0] = 7;

  expect(model.bench.kernels.waitForChange(word, 6, 0)).toBe(7);
  expect(model.bench.kernels.waitForChange(word, 6, 100)).toBe(7);
});
