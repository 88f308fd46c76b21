import { describe, expect, test } from 'vitest';
import { countedIn } from '../../src/lib/counted.ts';
import { createFormat } from '../../src/lib/format.ts';
import { first as english } from '../../src/ui/words/en.ts';
import { first as chinese } from '../../src/ui/words/zh-Hans.ts';

const format = createFormat(english.numbers);
const inChinese = createFormat(chinese.numbers);

describe('numbers as a person reads them', () => {
  test('what is unknown is a dash, never 0', () => {
    expect([
      format.count(null),
      format.rate(null),
      format.bytes(null),
      format.duration(null),
    ]).toEqual(['–', '–', '–', '–']);
  });

  test('counts have separators', () => {
    expect(format.count(151_936)).toBe('151,936');
  });

  test.each([
    [0.8749, '0.87'],
    [9.996, '10.0'],
    [14.23, '14.2'],
    [118.4, '118'],
  ])('a rate of %d has three figures', (perSecond, expected) => {
    expect(format.rate(perSecond)).toBe(expected);
  });

  test.each([
    [812, '812 B'],
    [999_600, '1 MB'],
    [491_400_032, '491 MB'],
    [999_900_000, '1.00 GB'],
    [1_117_320_736, '1.12 GB'],
  ])('%d bytes', (bytes, expected) => {
    expect(format.bytes(bytes)).toBe(expected);
  });

  test.each<[number, number | null, string]>([
    [312_000_000, 491_400_032, '312 of 491 MB'],
    [500_000, 491_400_032, '1 of 491 MB'],
    [560_000_000, 1_117_320_736, '0.56 of 1.12 GB'],
    [312_000_000, null, '312 MB'],
  ])('%d of %s bytes share the unit of the total', (done, total, expected) => {
    expect(format.bytesOf(done, total)).toBe(expected);
  });

  test.each([
    [42.4, '42 ms'],
    [99.6, '0.10 s'],
    [312, '0.31 s'],
    [12_440, '12.4 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms', (elapsedMs, expected) => {
    expect(format.duration(elapsedMs)).toBe(expected);
  });

  test.each([
    [120, '1 s'],
    [38_400, '38 s'],
    [3_840_000, '1 h 4 min'],
  ])('%d ms left', (leftMs, expected) => {
    expect(format.timeLeft(leftMs)).toBe(expected);
  });
});

test.each([
  ['2026-11-22T10:00:00.000Z', 'Nov 22, 2026'],
  ['some day', '–'],
])('a day: %s', (iso, expected) => {
  expect(format.date(iso)).toBe(expected);
});

test.each([
  [0, '0.0 %'],
  [0.0004, '< 0.1 %'],
  [0.125, '12.5 %'],
  [0.9996, '100 %'],
])('a share of %d', (fraction, expected) => {
  expect(format.share(fraction)).toBe(expected);
});

test('whole percent are never rounded up to done', () => {
  expect(format.percent(0.999)).toBe('99 %');
});

test.each([
  [inChinese.duration(42), '42 毫秒'],
  [inChinese.duration(125_000), '2 分 5 秒'],
  [inChinese.timeLeft(3_840_000), '1 小时 4 分'],
  [inChinese.bytesOf(312_000_000, 491_400_032), '312 / 491 MB'],
  [inChinese.percent(0.5), '50%'],
  [inChinese.date('2026-11-22T10:00:00.000Z'), '2026年11月22日'],
])('in Chinese: %s', (written, expected) => {
  expect(written).toBe(expected);
});

test.each([
  ['en', 1, '1 file'],
  ['en', 1_204, '1,204 files'],
  ['pl', 2, '2 few'],
  ['pl', 5, '5 files'],
])(
  'what is counted takes the form that the plural rules of %s give for %d',
  (locale, count, expected) => {
    expect(countedIn(locale)(count, { one: '# file', few: '# few', other: '# files' })).toBe(
      expected,
    );
  },
);
