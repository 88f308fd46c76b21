import { expect, test } from 'vitest';
import type { WebGpuTarget } from '../../src/contract/model.ts';
import { measureSelfTest } from '../../src/engine/ort/measure-self-test.ts';
import { compileForWebGpuInMemory, tinyBytes } from '../support/compiled-tiny.ts';

const CPU = { threads: 1, runtime: { folderUrl: null } };

async function measured(target: WebGpuTarget) {
  const { manifest, folder } = await compileForWebGpuInMemory(await tinyBytes(), target);
  return measureSelfTest(folder, manifest, CPU);
}

test('a self-test is a prompt of more than 64 tokens and eight greedy steps', async () => {
  const { promptTokens, greedyTokens, steps } = await measured('webgpu-f32');

  expect(promptTokens.length).toBeGreaterThan(64);
  expect(greedyTokens).toHaveLength(8);
  expect(steps.map(({ ids }) => ids[0])).toEqual(greedyTokens);
});

test('each step names five candidates with their log-probabilities, the likeliest first', async () => {
  const { steps } = await measured('webgpu-f32');

  for (const { ids, logprobs } of steps) {
    expect(new Set(ids).size).toBe(5);
    expect(logprobs).toEqual(logprobs.toSorted((a, b) => b - a));
    const mass = logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0);
    expect(mass).toBeGreaterThan(0);
    expect(mass).toBeLessThanOrEqual(1);
  }
});

test('the same weights give the same values', async () => {
  expect(await measured('webgpu-f16')).toEqual(await measured('webgpu-f16'));
});

test('half precision is near single precision', async () => {
  const half = await measured('webgpu-f16');
  const single = await measured('webgpu-f32');

  expect(half.greedyTokens).toEqual(single.greedyTokens);
  for (const [step, { logprobs }] of half.steps.entries()) {
    for (const [i, logprob] of logprobs.entries()) {
      expect(Math.abs(logprob - (single.steps[step]?.logprobs[i] ?? NaN))).toBeLessThan(0.1);
    }
  }
});
