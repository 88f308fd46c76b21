import { expect, test } from 'vitest';
import { scaleTop } from '../../src/ui/stats/draw-trace.ts';

test.each<[string, (number | null)[], number]>([
  ['nothing measured', [], 10],
  ['only unknown values', [null, null], 10],
  ['a slow model does not fill the chart', [3.2], 10],
  ['the next of 1, 2, 5 above the largest', [3, null, 14.2], 20],
  ['a value at the edge stays inside', [20], 20],
  ['fast models', [118], 200],
  ['faster still', [640], 1000],
])('upper end of the axis: %s', (_case, values, expected) => {
  expect(scaleTop(values)).toBe(expected);
});
