import { expect, test } from 'vitest';
import { createPageMemory } from '../../src/state/page-memory.ts';

/** A browser that answers when it is told to. */
function slowBrowser() {
  const waiting: ((bytes: number | null) => void)[] = [];
  const memory = createPageMemory(() => new Promise((resolve) => waiting.push(resolve)));
  const answer = async (bytes: number | null) => {
    waiting.shift()?.(bytes);
    await Promise.resolve();
  };
  return { memory, waiting, answer };
}

test('the first measurement is in view while it runs, later ones leave the number standing', async () => {
  const { memory, answer } = slowBrowser();
  const seen: unknown[] = [memory.bytes.value];

  memory.measure();
  seen.push(memory.bytes.value);
  await answer(7);
  seen.push(memory.bytes.value);
  memory.measure();
  seen.push(memory.bytes.value);
  await answer(9);
  seen.push(memory.bytes.value);

  expect(seen).toEqual([null, 'measuring', 7, 7, 9]);
});

test('what changes during a measurement is measured once after it', async () => {
  const { memory, waiting, answer } = slowBrowser();
  memory.measure();

  memory.measure();
  memory.measure();
  const during = waiting.length;
  await answer(7);
  const after = waiting.length;
  await answer(9);

  expect([during, after, waiting.length]).toEqual([1, 1, 0]);
  expect(memory.bytes.value).toBe(9);
});

test('a browser that does not tell leaves it unknown', async () => {
  const { memory, answer } = slowBrowser();

  memory.measure();
  await answer(null);

  expect(memory.bytes.value).toBeNull();
});
