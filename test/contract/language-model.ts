import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LanguageModel } from '../../src/engine/language-model.ts';

export interface ContractOptions {
  /**
   * Most that two logits may differ when the same tokens were run in other portions. 0 for exact arithmetic; an engine
   * that quantises activations per run needs some.
   */
  readonly tolerance?: number;
  /** Ids to run; all different, at least 8. */
  readonly tokens?: readonly number[];
}

/**
 * What `LanguageModel` promises, as tests. `open` gives a fresh, empty model, which the suite disposes; a
 * context of some 64 tokens keeps it quick, as one test fills it.
 */
export function describeLanguageModel(
  name: string,
  open: () => Promise<LanguageModel>,
  { tolerance = 0, tokens = [5, 17, 3, 42, 8, 61, 12, 33] }: ContractOptions = {},
): void {
  function expectSame(actual: Float32Array, expected: Float32Array): void {
    expect(actual.length).toBe(expected.length);
    expect(largestDifference(actual, expected)).toBeLessThanOrEqual(tolerance);
  }

  describe(`${name} as a LanguageModel`, () => {
    let model: LanguageModel;
    beforeEach(async () => {
      model = await open();
    });
    afterEach(() => model.dispose());

    const half = tokens.length >> 1;
    const last = tokens.at(-1) ?? 0;

    /** Copies: what a model returns is valid until its next call. */
    const prefill = async (ids: readonly number[]) => Float32Array.from(await model.prefill(ids));
    const decode = async (id: number) => Float32Array.from(await model.decode(id));

    test('begins empty', () => {
      expect(model.length).toBe(0);
      expect(model.contextTokens).toBeGreaterThanOrEqual(tokens.length);
    });

    test('gives one finite logit for each entry of the vocabulary', async () => {
      const logits = await prefill(tokens);

      expect(logits.length).toBe(model.vocabulary);
      expect(logits.every(Number.isFinite)).toBe(true);
      expect(model.length).toBe(tokens.length);
    });

    test('tells prompts apart', async () => {
      const one = await prefill(tokens);
      model.truncate(0);
      const other = await prefill([...tokens].reverse());

      expect(largestDifference(one, other)).toBeGreaterThan(tolerance);
    });

    test('gives the same logits for the same run', async () => {
      const first = await prefill(tokens);
      model.truncate(0);
      const second = await prefill(tokens);

      expect(largestDifference(first, second)).toBe(0);
    });

    test('prefill is a sequence of decodes', async () => {
      const whole = await prefill(tokens);
      model.truncate(0);
      let stepped = whole;
      for (const id of tokens) stepped = await decode(id);

      expectSame(stepped, whole);
      expect(model.length).toBe(tokens.length);
    });

    test('a prompt in chunks is the prompt in one', async () => {
      const whole = await prefill(tokens);
      model.truncate(0);
      await prefill(tokens.slice(0, half));
      const chunked = await prefill(tokens.slice(half));

      expectSame(chunked, whole);
    });

    test('going on after truncate is a fresh run', async () => {
      const fresh = await prefill([...tokens.slice(0, half), last]);
      model.truncate(0);
      await prefill(tokens);
      model.truncate(half);
      const continued = await decode(last);

      expect(model.length).toBe(half + 1);
      expectSame(continued, fresh);
    });

    test('truncating to the present length changes nothing', async () => {
      const straight = await prefill(tokens);
      model.truncate(0);
      await prefill(tokens.slice(0, half));
      model.truncate(half);
      const continued = await prefill(tokens.slice(half));

      expectSame(continued, straight);
    });

    test.each([-1, 0.5, Number.NaN, 1000])('truncate to %d is refused', async (length) => {
      await prefill(tokens);

      expect(() => model.truncate(length)).toThrow(RangeError);
      expect(model.length).toBe(tokens.length);
    });

    test('a snapshot goes back with restore, however the cache was changed in between', async () => {
      await prefill(tokens.slice(0, half));
      const snapshot = model.snapshot();
      const before = await decode(last);
      model.truncate(0);
      await prefill([...tokens].reverse());

      model.restore(snapshot);

      expect(model.length).toBe(half);
      const after = await decode(last);
      expect(largestDifference(after, before)).toBe(0);
    });

    test('a snapshot has the size that its shape says, and is a copy', async () => {
      await prefill(tokens);
      const { values, layers, keyValueHeads, length, headSize } = model.snapshot();

      expect(length).toBe(tokens.length);
      expect(values.length).toBe(layers * 2 * keyValueHeads * length * headSize);
      const expected = await decode(last);
      model.truncate(tokens.length);
      values.fill(0);
      expect(largestDifference(await decode(last), expected)).toBe(0);
    });

    test('the snapshot of an empty cache empties it', async () => {
      const empty = model.snapshot();
      await prefill(tokens);

      model.restore(empty);

      expect(model.length).toBe(0);
    });

    test('a snapshot of another shape is refused and the cache kept', async () => {
      await prefill(tokens);
      const snapshot = model.snapshot();
      const other = { ...snapshot, layers: snapshot.layers + 1 };

      expect(() => model.restore(other)).toThrow(RangeError);
      expect(() => model.restore({ ...snapshot, length: snapshot.length + 1 })).toThrow(RangeError);
      expect(model.length).toBe(tokens.length);
    });

    test('what cannot be run is refused and leaves the cache as it was', async () => {
      const expected = await prefill([...tokens, last]);
      model.truncate(0);
      await prefill(tokens);
      const tooMany = Array<number>(model.contextTokens - tokens.length + 1).fill(last);

      await expect(model.prefill([])).rejects.toThrow(RangeError);
      await expect(model.prefill(tooMany)).rejects.toThrow(RangeError);
      await expect(model.prefill([last, model.vocabulary])).rejects.toThrow(RangeError);
      await expect(model.decode(-1)).rejects.toThrow(RangeError);
      await expect(model.decode(0.5)).rejects.toThrow(RangeError);

      expect(model.length).toBe(tokens.length);
      expectSame(await decode(last), expected);
    });

    test('the context can be filled to the last token', async () => {
      const all = Array.from(
        { length: model.contextTokens },
        (_, i) => tokens[i % tokens.length] ?? 0,
      );
      await prefill(all);

      expect(model.length).toBe(model.contextTokens);
      await expect(model.decode(last)).rejects.toThrow(RangeError);
    });

    test('every call after dispose rejects, and a second dispose does not', async () => {
      await prefill(tokens);

      await model.dispose();

      await expect(model.prefill(tokens)).rejects.toThrow();
      await expect(model.decode(last)).rejects.toThrow();
      await expect(model.dispose()).resolves.toBeUndefined();
    });
  });
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? 0))), 0);
}
