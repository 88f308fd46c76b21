import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import { RUNGS, type Capability, type Rung } from '../../src/contract/rungs.ts';
import { parseLadder, printLadder } from '../../src/state/ladder-note.ts';
import {
  isOfTheEngine,
  isSpent,
  obstacleTo,
  reduce,
  rungFor,
  UNKNOWN_DEVICE,
  type Ladder,
  type LadderEvent,
  type Place,
  type Wish,
} from '../../src/state/ladder.ts';
import { fakeGpu } from '../support/fake-engine.ts';

const MODEL = toModelId('a'.repeat(64));
const OTHER = toModelId('b'.repeat(64));
const WISH: Wish = { model: MODEL, pinned: null, contextTokens: 4096, isSmall: false };

const HERE: Place = { adapter: 'this GPU', versions: 'of today' };
const looked = (capability: Capability, place = HERE): LadderEvent => ({
  type: 'looked',
  capability,
  place,
});
const failed = (
  rung: Rung,
  code: ErrorCode = 'self-test-failed',
  contextTokens = 4096,
): LadderEvent => ({
  type: 'failed',
  model: MODEL,
  rung,
  failure: { code, message: 'off by 1', at: '2026-11-22T10:00:00.000Z', contextTokens },
});
const ready = (rung: Rung): LadderEvent => ({ type: 'ready', model: MODEL, rung });
const answered = (rung: Rung): LadderEvent => ({ type: 'answered', model: MODEL, rung });

const after = (...events: readonly LadderEvent[]): Ladder => events.reduce(reduce, UNKNOWN_DEVICE);
/** The same page opened again on the same device. */
const nextVisit = (ladder: Ladder, again: LadderEvent = looked(fakeGpu())): Ladder =>
  reduce({ ...UNKNOWN_DEVICE, ...parseLadder(printLadder(ladder)) }, again);
const rungAfter = (...events: readonly LadderEvent[]) => rungFor(after(...events), WISH);

const NO_F16 = fakeGpu({ features: ['subgroups'] });
const SOFTWARE = fakeGpu({ isSoftware: true });
const NO_GPU: Capability = { gpu: { type: 'no-adapter' }, threads: 2 };

describe('the rung to begin at', () => {
  test.each<[string, Capability, Rung]>([
    ['a GPU with 16-bit floats', fakeGpu(), 'webgpu-f16'],
    ['a GPU without them', NO_F16, 'webgpu-f32'],
    ['an adapter that is a program', SOFTWARE, 'simd-int8'],
    ['no adapter', NO_GPU, 'simd-int8'],
    ['no WebGPU', { gpu: { type: 'no-webgpu' }, threads: 1 }, 'simd-int8'],
  ])('%s', (_what, capability, rung) => {
    expect(rungAfter(looked(capability))).toBe(rung);
  });

  test('is the CPU for a model so small that a GPU gains it nothing, unless a person chose another', () => {
    const ladder = after(looked(fakeGpu()));
    const small: Wish = { ...WISH, isSmall: true };

    expect(rungFor(ladder, small)).toBe('simd-int8');
    expect(obstacleTo('webgpu-f16', ladder, small)).toEqual({ type: 'small' });
    expect(rungFor(ladder, { ...small, pinned: 'webgpu-f16' })).toBe('webgpu-f16');
  });

  test('is the CPU while nobody has looked', () => {
    expect(rungFor(UNKNOWN_DEVICE, WISH)).toBe('simd-int8');
  });

  test.each<[string, Capability, Rung, Rung]>([
    ['is taken where it can run', fakeGpu(), 'webgpu-f32', 'webgpu-f32'],
    ['is taken on a software adapter too', SOFTWARE, 'webgpu-f32', 'webgpu-f32'],
    ['gives way to the next that can run', NO_F16, 'webgpu-f16', 'webgpu-f32'],
    ['gives way to the CPU', NO_GPU, 'webgpu-f16', 'simd-int8'],
    ['that is the lowest is taken on any GPU', fakeGpu(), 'wasm-int8', 'wasm-int8'],
  ])('that a person chose %s', (_what, capability, pinned, rung) => {
    expect(rungFor(after(looked(capability)), { ...WISH, pinned })).toBe(rung);
  });
});

describe('after a failure', () => {
  test('each next rung has its turn, down to the lowest, which stays', () => {
    let ladder = after(looked(fakeGpu()));
    const way: Rung[] = [];
    for (let step = 0; step < 6; step++) {
      const rung = rungFor(ladder, WISH);
      way.push(rung);
      ladder = reduce(ladder, failed(rung, 'runtime-failed'));
    }

    expect(way).toEqual([...RUNGS, 'wasm-int8']);
  });

  test('says what spoke against each rung', () => {
    const ladder = after(looked(NO_F16), failed('webgpu-f32'));

    expect(RUNGS.map((rung) => obstacleTo(rung, ladder, WISH)?.type ?? null)).toEqual([
      'no-f16',
      'no-f16',
      'failed',
      null,
      null,
    ]);
  });

  test('another model is not held to it', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f16'));

    expect(rungFor(ladder, { ...WISH, model: OTHER })).toBe('webgpu-f16');
    expect(rungFor(ladder, { ...WISH, model: null })).toBe('webgpu-f16');
  });

  test('a person who wants it tried again has it tried again', () => {
    const forgiven: LadderEvent = { type: 'forgiven', model: MODEL };

    expect(rungAfter(looked(fakeGpu()), failed('webgpu-f16'), forgiven)).toBe('webgpu-f16');
  });

  test('for lack of memory, a smaller context may try it', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f16', 'out-of-memory', 4096));

    expect(rungFor(ladder, WISH)).toBe('webgpu-f16-fp32');
    expect(rungFor(ladder, { ...WISH, contextTokens: 2048 })).toBe('webgpu-f16');
  });
});

describe('at the next visit', () => {
  const OF_THE_GPU: readonly ErrorCode[] = [
    'webgpu-unavailable',
    'self-test-failed',
    'runtime-failed',
    'out-of-memory',
    'page-died',
    'internal',
  ];
  test.each(OF_THE_GPU)('%s still counts', (code) => {
    const ladder = after(looked(fakeGpu()), ready('webgpu-f16'), failed('webgpu-f16', code));

    expect(rungFor(nextVisit(ladder), WISH)).toBe('webgpu-f16-fp32');
  });

  describe.each<ErrorCode>(['webgpu-lost', 'worker-died', 'worker-silent'])('%s', (code) => {
    const once = after(looked(fakeGpu()), ready('webgpu-f16'), failed('webgpu-f16', code));

    test('of a rung that had worked is forgiven once', () => {
      expect(rungFor(once, WISH)).toBe('webgpu-f16-fp32');
      expect(rungFor(nextVisit(once), WISH)).toBe('webgpu-f16');
    });

    test('twice with no whole answer between counts', () => {
      const twice = [ready('webgpu-f16'), failed('webgpu-f16', code)].reduce(
        reduce,
        nextVisit(once),
      );

      expect(rungFor(nextVisit(twice), WISH)).toBe('webgpu-f16-fp32');
    });

    test('is forgotten after a whole answer', () => {
      const events = [ready('webgpu-f16'), answered('webgpu-f16'), failed('webgpu-f16', code)];
      const again = events.reduce(reduce, nextVisit(once));

      expect(rungFor(nextVisit(again), WISH)).toBe('webgpu-f16');
    });

    test('of a rung that never worked counts at once', () => {
      const never = after(looked(fakeGpu()), failed('webgpu-f16', code));

      expect(rungFor(nextVisit(never), WISH)).toBe('webgpu-f16-fp32');
    });
  });

  test('what had no room then may have it now', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f16', 'storage-full'));

    expect(rungFor(ladder, WISH)).toBe('webgpu-f16-fp32');
    expect(rungFor(nextVisit(ladder), WISH)).toBe('webgpu-f16');
  });

  test('a rung that a person chose is tried, whatever was', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f32'));
    const wish: Wish = { ...WISH, pinned: 'webgpu-f32' };

    expect(rungFor(ladder, wish)).toBe('simd-int8');
    expect(rungFor(nextVisit(ladder), wish)).toBe('webgpu-f32');
  });

  test('in another place, everything is tried anew', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f16'));

    expect(
      rungFor(nextVisit(ladder, looked(fakeGpu(), { ...HERE, adapter: 'another GPU' })), WISH),
    ).toBe('webgpu-f16');
  });

  test('a GPU that was away meanwhile is known again', () => {
    const ladder = after(looked(fakeGpu()), failed('webgpu-f16'));

    const without = nextVisit(ladder, looked(NO_GPU, { ...HERE, adapter: null }));

    expect(rungFor(without, WISH)).toBe('simd-int8');
    expect(rungFor(nextVisit(without), WISH)).toBe('webgpu-f16-fp32');
  });
});

describe('on the CPU', () => {
  const fell = (code: ErrorCode) =>
    [looked(NO_GPU), ready('simd-int8'), failed('simd-int8', code)].reduce(reduce, UNKNOWN_DEVICE);

  test.each<ErrorCode>(['worker-died', 'worker-silent'])(
    '%s once: it starts again where it was; twice with no whole answer between: the rung below',
    (code) => {
      const once = fell(code);

      expect(rungFor(once, WISH)).toBe('simd-int8');
      expect(rungFor(reduce(once, failed('simd-int8', code)), WISH)).toBe('wasm-int8');
    },
  );

  test('what never worked is not started again', () => {
    const ladder = after(looked(NO_GPU), failed('simd-int8', 'worker-died'));

    expect(rungFor(ladder, WISH)).toBe('wasm-int8');
  });

  test('wrong numbers count for as long as browser and versions stay', () => {
    const ladder = fell('self-test-failed');

    expect(rungFor(nextVisit(ladder, looked(NO_GPU)), WISH)).toBe('wasm-int8');
    const updated = looked(NO_GPU, { ...HERE, versions: 'of tomorrow' });
    expect(rungFor(nextVisit(ladder, updated), WISH)).toBe('simd-int8');
  });
});

describe('a form is spent', () => {
  test.each<[string, readonly LadderEvent[], boolean]>([
    [
      'when each rung that runs it has failed for good',
      [failed('webgpu-f16'), failed('webgpu-f16-fp32', 'runtime-failed')],
      true,
    ],
    ['not while one of them was not tried', [failed('webgpu-f16')], false],
    [
      'not for lack of memory',
      [failed('webgpu-f16'), failed('webgpu-f16-fp32', 'out-of-memory')],
      false,
    ],
    [
      'not for what may come from outside',
      [failed('webgpu-f16'), failed('webgpu-f16-fp32', 'webgpu-lost')],
      false,
    ],
  ])('%s', (_when, events, expected) => {
    expect(isSpent('webgpu-f16', after(...events).outcomes[MODEL])).toBe(expected);
  });
});

test('only failures of the engine lead to another rung', () => {
  const ofFiles: readonly ErrorCode[] = [
    'compiled-damaged',
    'model-missing',
    'model-in-use',
    'busy',
  ];

  expect(ofFiles.filter(isOfTheEngine)).toEqual([]);
  expect(isOfTheEngine('webgpu-lost')).toBe(true);
});

describe('what one visit tells the next', () => {
  test('is all but that it happened just now', () => {
    const ladder = after(looked(fakeGpu()), ready('webgpu-f16'), failed('webgpu-f16'));

    expect(parseLadder(printLadder(ladder))).toEqual({
      place: HERE,
      outcomes: {
        [MODEL]: {
          'webgpu-f16': {
            hasWorked: true,
            failure: {
              code: 'self-test-failed',
              message: 'off by 1',
              at: '2026-11-22T10:00:00.000Z',
              times: 1,
              contextTokens: 4096,
              isOfThisVisit: false,
            },
          },
        },
      },
    });
  });

  const outcomes = { [MODEL]: { 'webgpu-f16': { hasWorked: true, failure: null } } };
  test.each<[string, unknown]>([
    ['nothing', null],
    ['no JSON', '{"version":1'],
    ['of another version', JSON.stringify({ version: 1, place: 'here', outcomes })],
    ['of no place', JSON.stringify({ version: 2, outcomes })],
    ['a list', '[]'],
  ])('is nothing when it is %s', (_what, note) => {
    expect(parseLadder(note as string | null)).toEqual({ place: null, outcomes: {} });
  });

  test('is what is understood of it', () => {
    const strange = {
      ...outcomes,
      'not a hash': outcomes[MODEL],
      [OTHER]: {
        'webgpu-f16': { hasWorked: 'yes' },
        'webgpu-f32': { hasWorked: false, failure: { code: 'from-the-future', times: 1 } },
        'webgpu-f64': { hasWorked: true, failure: null },
      },
    };

    const note = JSON.stringify({ version: 2, place: HERE, outcomes: strange });

    expect(parseLadder(note).outcomes).toEqual({
      ...outcomes,
      [OTHER]: { 'webgpu-f32': { hasWorked: false, failure: null } },
    });
  });
});
