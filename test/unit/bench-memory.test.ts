import { expect, test } from 'vitest';
import { parseRollup } from '../bench/memory.ts';

test('the kernel’s kB are kibibytes, ours are megabytes of 10⁶ bytes', () => {
  const text = [
    '55d0c8a00000-7ffd4e9fe000 ---p 00000000 00:00 0                          [rollup]',
    'Rss:              200000 kB',
    'Pss:              100000 kB',
    'Pss_Dirty:         50000 kB',
    'SwapPss:               0 kB',
    '',
  ].join('\n');

  expect(parseRollup(text)).toEqual({ pssMb: 102.4, rssMb: 204.8 });
});

test('a process that is about to end has no memory to tell of', () => {
  expect(parseRollup('')).toBeNull();
});
