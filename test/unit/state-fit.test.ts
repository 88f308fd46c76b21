import { expect, test } from 'vitest';
import { fitOf } from '../../src/state/fit.ts';
import { FAKE_ENTRY } from '../support/fake-store.ts';

const room = (leftBytes: number | null) => ({ isKept: null, usedBytes: null, leftBytes });

test('a model needs room for its file and for its compiled form', () => {
  const entry = { ...FAKE_ENTRY, totalBytes: 1000 };

  expect(fitOf(entry, room(2050))).toEqual({
    isEnough: true,
    neededBytes: 2050,
    leftBytes: 2050,
  });
  expect(fitOf(entry, room(2049))).toMatchObject({ isEnough: false });
});

test.each([null, room(null)])(
  'where the browser tells nothing, nothing is claimed: %j',
  (facts) => {
    expect(fitOf(FAKE_ENTRY, facts)).toBeNull();
  },
);
