import { describe, expect, test } from 'vitest';
import {
  decodeTokensPerSecond,
  medianTimes,
  prefillTokensPerSecond,
  summarise,
  ttftMs,
} from '../../src/engine/stats.ts';

test.each<[string, number[], number | null]>([
  ['no token', [], null],
  ['one token has no step to time', [40], null],
  ['two tokens 100 ms apart are one step', [40, 140], 10],
  ['the first token does not count', [0, 50, 100, 150], 20],
  ['a clock too coarse to tell them apart', [40, 40], null],
])('decode rate: %s', (_case, atMs, expected) => {
  expect(decodeTokensPerSecond(atMs)).toBe(expected);
});

test.each<[string, number, number, number | null]>([
  ['128 tokens in 900 ms', 128, 900, 142.222],
  ['everything was in the cache', 0, 0, null],
  ['a clock too coarse to see it', 3, 0, null],
])('prefill rate: %s', (_case, ranTokens, prefillMs, expected) => {
  const rate = prefillTokensPerSecond(ranTokens, prefillMs);

  if (expected === null) expect(rate).toBeNull();
  else expect(rate).toBeCloseTo(expected, 3);
});

test('time to first token counts from acceptance, and is unknown without a token', () => {
  expect(ttftMs(1000, [1420, 1500])).toBe(420);
  expect(ttftMs(1000, [])).toBeNull();
});

describe('the times of a run', () => {
  test('are the median of each part', () => {
    const runs = [
      { recordMs: 2, gpuMs: 10, waitMs: 30 },
      { recordMs: 9, gpuMs: 12, waitMs: 20 },
      { recordMs: 1, gpuMs: 11, waitMs: 99 },
    ];

    expect(medianTimes(runs)).toEqual({ recordMs: 2, gpuMs: 11, waitMs: 30 });
  });

  test('are unknown without a run, and on a GPU without timestamps in part', () => {
    expect(medianTimes([])).toBeNull();
    expect(medianTimes([{ recordMs: 2, gpuMs: null, waitMs: 30 }])?.gpuMs).toBeNull();
  });
});

describe('summarise', () => {
  test('puts each number in its place', () => {
    const summary = summarise({
      acceptedAtMs: 1000,
      endedAtMs: 2000,
      promptTokens: 30,
      reusedTokens: 10,
      ranTokens: 20,
      prefillMs: 200,
      sampledAtMs: [1300, 1400, 1500],
      runTimes: [{ recordMs: 1, gpuMs: 80, waitMs: 90 }],
      contextUsedTokens: 32,
      contextTokens: 64,
    });

    expect(summary).toEqual({
      promptTokens: 30,
      reusedTokens: 10,
      newTokens: 3,
      ttftMs: 300,
      prefillTokensPerSecond: 100,
      decodeTokensPerSecond: 10,
      contextUsedTokens: 32,
      contextTokens: 64,
      totalMs: 1000,
      runTimes: { recordMs: 1, gpuMs: 80, waitMs: 90 },
    });
  });
});
