import { describe, expect, test } from 'vitest';
import type { SelfTest } from '../../src/contract/model.ts';
import type { Leaders } from '../../src/engine/next-token.ts';
import {
  runSelfTest,
  testReplaying,
  type LeaderModel,
  type ReplayingModel,
} from '../../src/engine/ort/self-test.ts';
import { FakeLanguageModel, leadersOf } from '../support/fake-language-model.ts';

const PROMPT = [3, 1, 4, 1, 5, 9, 2, 6];

/** Tells the leaders of a fake's logits, changed as a wrong device would. */
class Device implements LeaderModel {
  readonly model = new FakeLanguageModel(50, 64);
  readonly #change: (leaders: Leaders, run: number) => Leaders;
  #runs = 0;

  constructor(change: (leaders: Leaders, run: number) => Leaders = (leaders) => leaders) {
    this.#change = change;
  }

  async prefill(tokens: readonly number[]): Promise<Leaders> {
    await this.model.prefill(tokens);
    return this.#change(leadersOf(this.model.logits(), 10), this.#runs++);
  }

  decode(token: number): Promise<Leaders> {
    return this.prefill([token]);
  }

  truncate(length: number): void {
    this.model.truncate(length);
  }
}

async function measured(): Promise<SelfTest> {
  const model = new Device();
  const steps: { ids: number[]; logprobs: number[] }[] = [];
  let next = await model.prefill(PROMPT);
  for (let step = 0; step < 4; step++) {
    const { ids, logits, logNormaliser } = next;
    steps.push({
      ids: [...ids.subarray(0, 5)],
      logprobs: [...logits.subarray(0, 5)].map((logit) => logit - logNormaliser),
    });
    next = await model.decode(ids[0] ?? 0);
  }
  return { promptTokens: PROMPT, greedyTokens: steps.map(({ ids }) => ids[0] ?? 0), steps };
}

describe('the self-test', () => {
  test('passes a device that computes what the CPU computed, and leaves it empty', async () => {
    const device = new Device();

    const result = await runSelfTest(device, 'webgpu-f32', await measured());

    expect(result).toEqual({
      largestErrorNats: 0,
      toleranceNats: 0.05,
      tokens: 4,
      sameTokens: 4,
    });
    expect(device.model.length).toBe(0);
  });

  test('tells how many steps are done', async () => {
    const fractions: number[] = [];

    await runSelfTest(new Device(), 'webgpu-f32', await measured(), (done) => fractions.push(done));

    expect(fractions).toEqual([0.25, 0.5, 0.75, 1]);
  });

  test('half precision may be further off than single', async () => {
    const off = new Device((leaders) => ({
      ...leaders,
      logNormaliser: leaders.logNormaliser + 0.2,
    }));

    const { largestErrorNats } = await runSelfTest(off, 'webgpu-f16', await measured());

    expect(largestErrorNats).toBeCloseTo(0.2, 6);
    await expect(runSelfTest(off, 'webgpu-f32', await measured())).rejects.toMatchObject({
      code: 'self-test-failed',
    });
  });

  test('a wrong logit at one step fails it, and the numbers are told', async () => {
    const wrong = new Device((leaders, run) => ({
      ...leaders,
      logits: leaders.logits.map((logit, at) => (run === 2 && at === 1 ? logit - 3 : logit)),
    }));

    await expect(runSelfTest(wrong, 'webgpu-f16', await measured())).rejects.toMatchObject({
      code: 'self-test-failed',
      message: 'largest error 3.000 nats at step 2, 0.5 allowed; 4 of 4 tokens the same',
    });
  });

  test.each<[string, (leaders: Leaders) => Leaders]>([
    ['no numbers', (leaders) => ({ ...leaders, logits: leaders.logits.fill(Number.NaN) })],
    ['other candidates', (leaders) => ({ ...leaders, ids: leaders.ids.map((id) => id + 50) })],
    ['zeros', (leaders) => ({ ...leaders, logits: leaders.logits.fill(0), logNormaliser: 0 })],
  ])('a device that tells %s fails it', async (_what, change) => {
    const act = runSelfTest(new Device(change), 'webgpu-f16', await measured());

    await expect(act).rejects.toMatchObject({ code: 'self-test-failed' });
  });

  test('a manifest whose test has no steps, or too few tokens, is damaged', async () => {
    const test = await measured();

    for (const damaged of [
      { ...test, steps: [] },
      { ...test, greedyTokens: test.greedyTokens.slice(0, 1) },
    ]) {
      await expect(runSelfTest(new Device(), 'webgpu-f32', damaged)).rejects.toMatchObject({
        code: 'compiled-damaged',
      });
    }
  });
});

describe('the self-test of a model that plays recorded commands', () => {
  class Replaying extends Device implements ReplayingModel {
    replaysDecode = true;
    readonly tried: boolean[] = [];
    readonly #isRight: (replays: boolean) => boolean;

    constructor(isRight: (replays: boolean) => boolean) {
      super();
      this.#isRight = isRight;
    }

    override async decode(token: number): Promise<Leaders> {
      const { replaysDecode } = this;
      if (this.tried.at(-1) !== replaysDecode) this.tried.push(replaysDecode);
      const leaders = await super.decode(token);
      return this.#isRight(replaysDecode) ? leaders : { ...leaders, logNormaliser: 0 };
    }
  }

  test('lets it play them where the numbers are right', async () => {
    const device = new Replaying(() => true);
    const fractions: number[] = [];

    await testReplaying(device, 'webgpu-f32', await measured(), (done) => fractions.push(done));

    expect(device.replaysDecode).toBe(true);
    expect(device.tried).toEqual([true]);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  test('has it record anew each time where only that is right', async () => {
    const device = new Replaying((replays) => !replays);
    const fractions: number[] = [];

    const result = await testReplaying(device, 'webgpu-f32', await measured(), (done) =>
      fractions.push(done),
    );

    expect(result.largestErrorNats).toBe(0);
    expect(device.replaysDecode).toBe(false);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });

  test('fails it where neither is right', async () => {
    const device = new Replaying(() => false);

    const act = testReplaying(device, 'webgpu-f32', await measured(), () => {});

    await expect(act).rejects.toMatchObject({ code: 'self-test-failed' });
    expect(device.tried).toEqual([true, false]);
  });
});
