import { describe, expect, test } from 'vitest';
import type { CatalogEntry } from '../../src/contract/store.ts';
import { fitOf } from '../../src/state/fit.ts';
import { FAKE_ENTRY } from '../support/fake-store.ts';

const room = (leftBytes: number | null) => ({ isKept: null, usedBytes: null, leftBytes });
const GB = 1e9;
const AMPLE = { facts: room(1000 * GB), memoryBytes: 64 * GB, target: 'wasm-int8' } as const;

function entryOf(totalBytes: number, peakBytes: number): CatalogEntry {
  const need = { peakBytes, answeringBytes: peakBytes, basis: 'measured' } as const;
  return { ...FAKE_ENTRY, totalBytes, memory: { 'wasm-int8': need } };
}

describe('room', () => {
  test.each([
    [2255, 'fits'],
    [2254, 'tight'],
    [2050, 'tight'],
    [2049, 'no'],
  ])('of %i bytes for a file of 1000 and its compiled form: %s', (leftBytes, verdict) => {
    const fit = fitOf(entryOf(1000, 1), { ...AMPLE, facts: room(leftBytes) });

    expect(fit.room).toEqual({ verdict, neededBytes: 2050, leftBytes });
    expect(fit.verdict).toBe(verdict);
  });

  test.each([null, room(null)])('that the browser does not tell is not claimed: %j', (facts) => {
    expect(fitOf(FAKE_ENTRY, { ...AMPLE, facts }).room).toBeNull();
  });
});

describe('memory', () => {
  test.each([
    [2 * GB, 'fits'],
    [2.1 * GB, 'tight'],
    [4 * GB, 'tight'],
    [4.1 * GB, 'no'],
  ])('%i bytes at most, of a device of eight gigabytes: %s', (peakBytes, verdict) => {
    const fit = fitOf(entryOf(1000, peakBytes), { ...AMPLE, memoryBytes: 8 * GB });

    expect(fit.memory).toMatchObject({ verdict, neededBytes: peakBytes, deviceBytes: 8 * GB });
    expect(fit.verdict).toBe(verdict);
  });

  test('beyond what WebAssembly can have is too much for any device', () => {
    const entry = entryOf(1000, 4.3 * GB);

    expect(fitOf(entry, AMPLE).verdict).toBe('no');
    expect(fitOf(entry, { ...AMPLE, memoryBytes: null }).verdict).toBe('no');
  });

  test('is not judged where the device does not tell, or nobody measured the need', () => {
    expect(fitOf(entryOf(1000, GB), { ...AMPLE, memoryBytes: null }).memory).toBeNull();
    expect(fitOf(entryOf(1000, GB), { ...AMPLE, target: 'webgpu-f16' }).memory).toBeNull();
  });
});

test('the worse of room and memory is the verdict; of nothing known there is none', () => {
  const unknown = { facts: null, memoryBytes: null, target: 'wasm-int8' } as const;

  expect(fitOf(entryOf(1000, 3 * GB), { ...AMPLE, memoryBytes: 8 * GB }).verdict).toBe('tight');
  expect(
    fitOf(entryOf(1000, 3 * GB), { ...AMPLE, memoryBytes: 8 * GB, facts: room(1) }).verdict,
  ).toBe('no');
  expect(fitOf(FAKE_ENTRY, unknown)).toEqual({ verdict: null, room: null, memory: null });
});
