import { describe, expect, test } from 'vitest';
import type { PrepareEvent } from '../../src/contract/store.ts';
import { advance, beginProgress, finishPreparing } from '../../src/state/prepare-progress.ts';

function progress(
  phase: PrepareEvent['phase'],
  doneBytes: number,
  elapsedMs: number,
): PrepareEvent {
  return { type: 'progress', phase, doneBytes, totalBytes: 1000, elapsedMs };
}

describe('the list of phases', () => {
  test('shows from the start what is to come', () => {
    const { phases } = beginProgress('catalog');

    expect(phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'download waiting',
      'check waiting',
      'compile waiting',
      'load waiting',
    ]);
  });

  test('a phase that begins ends the one before', () => {
    const events = [progress('download', 1000, 500), progress('check', 10, 5)];

    const { phases } = events.reduce(advance, beginProgress('catalog'));

    expect(phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'download done',
      'check running',
      'compile waiting',
      'load waiting',
    ]);
  });

  test('phases that turn out to be needless vanish', () => {
    const { phases } = advance(beginProgress('catalog'), progress('compile', 10, 5));

    expect(phases.map(({ phase }) => phase)).toEqual(['compile', 'load']);
  });

  test('a phase nobody planned is shown in its place', () => {
    const { phases } = advance(beginProgress('stored'), progress('check', 10, 5));

    expect(phases.map(({ phase }) => phase)).toEqual(['check', 'compile', 'load']);
  });

  test('time left comes from the speed of the last seconds only', () => {
    const slowThenFast = [
      progress('download', 0, 0),
      progress('download', 10, 20_000),
      progress('download', 20, 30_000),
      progress('download', 220, 32_000),
    ];

    const { phases } = slowThenFast.reduce(advance, beginProgress('catalog'));

    expect(phases[0]?.leftMs).toBeCloseTo(7800, 6);
  });

  test.each([
    ['under a second of samples', [progress('download', 0, 0), progress('download', 10, 900)]],
    ['nothing moves', [progress('download', 10, 0), progress('download', 10, 3000)]],
    [
      'the total is unknown',
      [progress('download', 0, 0), { ...progress('download', 10, 3000), totalBytes: null }],
    ],
    ['the phase is done', [progress('download', 0, 0), progress('download', 1000, 3000)]],
  ])('time left is unknown when %s', (_case, events) => {
    const { phases } = events.reduce(advance, beginProgress('catalog'));

    expect(phases[0]?.leftMs).toBeNull();
  });

  test('samples of one phase do not count for the next', () => {
    const events = [
      progress('download', 400, 0),
      progress('download', 1000, 5000),
      progress('check', 0, 0),
      progress('check', 500, 2000),
    ];

    const { phases } = events.reduce(advance, beginProgress('catalog'));

    expect(phases[1]?.leftMs).toBeCloseTo(2000, 6);
  });

  test('what was done is kept when loading begins', () => {
    const events = [progress('download', 1000, 5000), progress('compile', 900, 4000)];

    const done = finishPreparing(events.reduce(advance, beginProgress('catalog')));

    expect(done.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'download done',
      'compile done',
    ]);
  });
});
