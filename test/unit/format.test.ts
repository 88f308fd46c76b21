import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDate,
  formatDuration,
  formatRate,
  formatTimeLeft,
} from '../../src/lib/format.ts';

describe('numbers as a person reads them', () => {
  test('what is unknown is a dash, never 0', () => {
    expect([formatCount(null), formatRate(null), formatBytes(null), formatDuration(null)]).toEqual([
      '–',
      '–',
      '–',
      '–',
    ]);
  });

  test('counts have separators', () => {
    expect(formatCount(151_936)).toBe('151,936');
  });

  test.each([
    [0.8749, '0.87'],
    [9.996, '10.0'],
    [14.23, '14.2'],
    [118.4, '118'],
  ])('a rate of %d has three figures', (perSecond, expected) => {
    expect(formatRate(perSecond)).toBe(expected);
  });

  test.each([
    [812, '812 B'],
    [999_600, '1 MB'],
    [491_400_032, '491 MB'],
    [999_900_000, '1.00 GB'],
    [1_117_320_736, '1.12 GB'],
  ])('%d bytes', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  test.each<[number, number | null, string]>([
    [312_000_000, 491_400_032, '312 of 491 MB'],
    [500_000, 491_400_032, '1 of 491 MB'],
    [560_000_000, 1_117_320_736, '0.56 of 1.12 GB'],
    [312_000_000, null, '312 MB'],
  ])('%d of %s bytes share the unit of the total', (done, total, expected) => {
    expect(formatBytesOf(done, total)).toBe(expected);
  });

  test.each([
    [42.4, '42 ms'],
    [99.6, '0.10 s'],
    [312, '0.31 s'],
    [12_440, '12.4 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms', (elapsedMs, expected) => {
    expect(formatDuration(elapsedMs)).toBe(expected);
  });

  test.each([
    [120, '1 s'],
    [38_400, '38 s'],
    [3_840_000, '1 h 4 min'],
  ])('%d ms left', (leftMs, expected) => {
    expect(formatTimeLeft(leftMs)).toBe(expected);
  });
});

test.each([
  ['2026-11-22T10:00:00.000Z', 'Nov 22, 2026'],
  ['some day', '–'],
])('a day: %s', (iso, expected) => {
  expect(formatDate(iso)).toBe(expected);
});
