/** What a benchmark gives on its way out of the page and back: as a file, and in the fragment of a link. */
import { describe, expect, test } from 'vitest';
import { parseResult, readResult } from '../../src/state/benchmark/read-result.ts';
import {
  fromFragment,
  isResultFragment,
  toFragment,
} from '../../src/state/benchmark/result-link.ts';
import { Prng } from '../../src/lib/prng.ts';
import { benchmarkResult } from '../support/benchmark-result.ts';

const base64url = (value: unknown) =>
  `#benchmark=${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

describe('a result in a link', () => {
  test('comes back as it was, with four figures of each measured value', () => {
    const result = benchmarkResult();

    const fragment = toFragment(result);

    expect(fragment).toMatch(/^#benchmark=[\w-]+$/);
    expect(fromFragment(fragment)).toEqual(result);
  });

  test('keeps names that are not Latin', () => {
    const result = benchmarkResult({ model: { ...benchmarkResult().model, title: '通义千问 ½' } });

    expect(fromFragment(toFragment(result))?.model.title).toBe('通义千问 ½');
  });

  test('of the largest run stays short enough to be sent', () => {
    const perSecond = Array.from({ length: 20 }, (_, at) => 33.333 + at);
    const series = benchmarkResult().series.map((one) => ({ ...one, perSecond }));
    const drift = Array.from({ length: 19 }, (_, at) => ({ atMs: at * 10_000, perSecond: 31.234 }));
    const result = benchmarkResult({ series, drift });

    expect(fromFragment(toFragment(result))).not.toBeNull();
    expect(toFragment(result).length).toBeLessThan(4000);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['another fragment', '#question'],
    ['no characters', '#benchmark='],
    ['characters that are no base64', '#benchmark=%%%%'],
    ['bytes that are no UTF-8', '#benchmark=_____w'],
    ['a text that is no JSON', `#benchmark=${Buffer.from('{').toString('base64url')}`],
    ['a number', base64url(7)],
    ['null', base64url(null)],
    ['an empty list', base64url([])],
    ['deep nesting', `#benchmark=${Buffer.from('['.repeat(9000)).toString('base64url')}`],
    ['more than a link holds', `#benchmark=${'A'.repeat(2_000_000)}`],
  ])('that is %s is no result', (_what, fragment) => {
    expect(fromFragment(fragment)).toBeNull();
  });

  test('that was changed in any one place is a result of the same form, or none', () => {
    const fragment = toFragment(benchmarkResult());
    const prng = new Prng(8);
    for (let i = 0; i < 2000; i++) {
      const at = 11 + Math.floor(prng.nextFraction() * (fragment.length - 11));
      const letter = 'AZaz09-_'[Math.floor(prng.nextFraction() * 8)] ?? 'A';
      const result = fromFragment(fragment.slice(0, at) + letter + fragment.slice(at + 1));
      if (result !== null) expect(readResult(result)).toEqual(result);
    }
  });

  test('is known by its beginning', () => {
    expect(isResultFragment('#benchmark=abc')).toBe(true);
    expect(isResultFragment('#composer')).toBe(false);
  });
});

describe('a result in a file', () => {
  test('comes back as it was', () => {
    const result = benchmarkResult();

    expect(parseResult(JSON.stringify(result, null, 2))).toEqual(result);
  });

  const good = benchmarkResult();
  test.each<[string, unknown]>([
    ['of another format', { ...good, format: 'other' }],
    ['of a later version', { ...good, version: 2 }],
    ['without a model', { ...good, model: null }],
    ['with a hash that is none', { ...good, model: { ...good.model, sha256: '<script>' } }],
    ['of an engine that there is not', { ...good, engine: { ...good.engine, rung: 'abacus' } }],
    ['with a date that is none', { ...good, date: 'yesterday' }],
    ['with a speed of nothing', { ...good, series: [{ ...good.series[0], perSecond: [0] }] }],
    [
      'with a speed that is no number',
      { ...good, series: [{ ...good.series[0], perSecond: ['9'] }] },
    ],
    [
      'with a speed beyond reason',
      { ...good, series: [{ ...good.series[0], perSecond: [1e300] }] },
    ],
    ['with a series of nothing', { ...good, series: [{ ...good.series[0], perSecond: [] }] }],
    ['of too many series', { ...good, series: Array.from({ length: 41 }, () => good.series[0]) }],
    [
      'with another kind of series',
      { ...good, series: [{ ...good.series[0], kind: '__proto__' }] },
    ],
    [
      'with a drift of too many points',
      { ...good, drift: Array.from({ length: 201 }, () => ({ atMs: 1, perSecond: 1 })) },
    ],
  ])('%s is none', (_what, value) => {
    expect(parseResult(JSON.stringify(value))).toBeNull();
  });

  test('has its texts cut to one line that reads in one direction', () => {
    const title = `a\u202Eb\nc\u0000${'d'.repeat(1000)}`;
    const result = parseResult(
      JSON.stringify(benchmarkResult({ model: { ...good.model, title } })),
    );

    expect(result?.model.title).toMatch(/^a b c d+$/);
    expect(result?.model.title.length).toBeLessThanOrEqual(300);
  });

  test('has no field that this page does not know', () => {
    const result = parseResult(JSON.stringify({ ...good, more: 'of it' }));

    expect(result).toEqual(good);
  });
});
