import { describe, expect, test } from 'vitest';
import { FORM_HALVES, FORM_WORDS } from '../../src/engine/simd/kernel-exports.ts';
import { tune, type Tunable } from '../../src/engine/simd/tune.ts';

/** A device on which a sample takes as long as `costMs` says. */
function device(
  threads: number,
  costMs: (threads: number, form: number, of: 'decode' | 'prompt') => number,
  { isRelaxed = 1, keepsThreads = false }: { isRelaxed?: 0 | 1; keepsThreads?: boolean } = {},
) {
  const used = { threads: 0, form: FORM_WORDS as number, samples: 0 };
  let nowMs = 0;
  const on: Tunable = {
    threads,
    keepsThreads,
    model: 64,
    kernels: {
      isRelaxed: () => isRelaxed,
      setForm: (_model, form) => void (used.form = form),
    },
    shareStepsAmong: (count) => void (used.threads = count),
    runSample(of) {
      used.samples++;
      nowMs += costMs(used.threads, used.form, of);
    },
    now: () => nowMs,
  };
  return { on, used };
}

describe('tuning', () => {
  test('takes all threads where all of them help', () => {
    const { on, used } = device(8, (threads) => 8 / threads);

    expect(tune(on).threads).toBe(8);
    expect(used.threads).toBe(8);
  });

  test('leaves slow cores alone', () => {
    const { on, used } = device(8, (threads) => (threads > 4 ? 5 : 8 / threads));

    expect(tune(on).threads).toBe(4);
    expect(used.threads).toBe(4);
  });

  test('takes one thread where sharing costs more than it gives', () => {
    const { on } = device(2, (threads) => threads);

    expect(tune(on).threads).toBe(1);
  });

  test('keeps threads that it is told to keep', () => {
    const { on } = device(2, (threads) => threads, { keepsThreads: true });

    expect(tune(on).threads).toBe(2);
  });

  test.each([
    ['words', 1, 2],
    ['halves', 2, 1],
  ] as const)('takes the faster form: %s', (name, wordsMs, halvesMs) => {
    const { on, used } = device(2, (_threads, form) => (form === FORM_HALVES ? halvesMs : wordsMs));

    expect(tune(on).forms).toEqual({ decode: name, prompt: name });
    expect(used.form).toBe(name === 'halves' ? FORM_HALVES : FORM_WORDS);
  });

  test('does not try halves in the build that has none', () => {
    const { on } = device(2, (_threads, form) => (form === FORM_HALVES ? 0 : 1), {
      isRelaxed: 0,
    });

    expect(tune(on).forms).toEqual({ decode: 'words', prompt: 'words' });
  });

  test('one slow sample decides nothing', () => {
    const { on, used } = device(2, (threads) => (used.samples === 2 ? 100 : 2 / threads));

    expect(tune(on)).toEqual({ forms: { decode: 'words', prompt: 'words' }, threads: 2 });
  });

  test('what is hardly faster is left alone', () => {
    const { on } = device(2, (threads, form) => (threads === 1 ? 0.95 : 1) - 0.05 * form);

    expect(tune(on)).toEqual({ forms: { decode: 'words', prompt: 'words' }, threads: 2 });
  });

  test('code that gets faster while it is tried gives no way an advantage', () => {
    const { on, used } = device(2, (threads) => (used.samples < 20 ? 10 : 1) * (2 / threads));

    expect(tune(on).threads).toBe(2);
  });

  test('a prompt may be read in another form than one token', () => {
    const { on } = device(2, (_threads, form, of) =>
      (form === FORM_HALVES) === (of === 'decode') ? 1 : 2,
    );

    expect(tune(on).forms).toEqual({ decode: 'halves', prompt: 'words' });
  });
});
