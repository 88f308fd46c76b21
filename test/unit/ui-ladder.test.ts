import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/contract/errors.ts';
import { RUNGS } from '../../src/contract/rungs.ts';
import { isOfTheEngine } from '../../src/state/ladder.ts';
import type { StepDown } from '../../src/state/ladder-store.ts';
import { describeWay } from '../../src/ui/ladder/describe-step.ts';
import { engines } from '../../src/ui/later-words.ts';
import { rungs } from '../../src/ui/words.ts';
import { fakeId } from '../support/fake-store.ts';
import '../support/speak-english.ts';

const STEP: StepDown = {
  model: fakeId('a'),
  from: 'webgpu-f16',
  to: 'webgpu-f32',
  code: 'self-test-failed',
  during: 'loading',
};

describe('the way down, in words', () => {
  test.each<[StepDown['during'], string]>([
    [
      'loading',
      'The GPU in 16 bits was given up: it gave wrong numbers in a test whose results are known. The model now runs on the GPU in 32 bits.',
    ],
    [
      'answering',
      'The GPU in 16 bits was given up in the middle of an answer: it gave wrong numbers in a test whose results are known. What was written is kept, and the model now runs on the GPU in 32 bits.',
    ],
    [
      'preparing',
      'The model could not be prepared for the GPU: it gave wrong numbers in a test whose results are known. It now runs on the GPU in 32 bits.',
    ],
    [
      'last-visit',
      'Last time, the browser ended this page while it got the model ready for the GPU in 16 bits. This time the model runs on the GPU in 32 bits.',
    ],
  ])('%s', (during, sentence) => {
    expect(describeWay([{ ...STEP, during }])).toBe(sentence);
  });

  test('tells of several steps where they began, why, and where they ended', () => {
    const steps: StepDown[] = [
      { ...STEP, to: 'webgpu-f16-fp32', code: 'webgpu-lost' },
      { ...STEP, from: 'webgpu-f16-fp32' },
      { ...STEP, from: 'webgpu-f32', to: 'simd-int8', code: 'runtime-failed' },
    ];

    expect(describeWay(steps)).toBe(
      'The GPU in 16 bits was given up: the graphics processor was reset, or taken away by the system. The model now runs on the CPU.',
    );
  });

  test('is silent about no way', () => {
    expect(describeWay([])).toBeNull();
  });

  test('has a reason for every failure of the engine', () => {
    const reasons = ERROR_CODES.filter(isOfTheEngine).map(rungs.reason);

    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(reason).toMatch(/^[a-z].*[a-z]$/);
  });

  test('has a name, a place and a hint for every rung', () => {
    for (const rung of RUNGS) {
      expect(engines.names[rung]).toMatch(/^[A-Z]/);
      expect(rungs.places[rung]).toMatch(/^the /);
      expect(engines.hints[rung]).toMatch(/\.$/);
    }
  });
});
