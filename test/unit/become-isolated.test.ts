import { expect, test } from 'vitest';
import { becomeIsolated, type IsolationNeeds } from '../../src/pwa/become-isolated.ts';

/** A page that is not isolated, in a browser that would serve it so after a reload. */
class Visit implements IsolationNeeds {
  isIsolated = false;
  isServed = true;
  hasDraft = false;
  remembers = true;
  reloads = 0;
  #isTried = false;

  untilServed = () => Promise.resolve(this.isServed);
  isUntouched = () => !this.hasDraft;
  reload = () => void this.reloads++;
  tried = {
    read: () => this.#isTried,
    write: (isTried: boolean) => void (this.#isTried = this.remembers && isTried),
  };
}

/** Whether the page may begin now. */
async function begins(visit: Visit): Promise<boolean> {
  let hasBegun = false;
  void becomeIsolated(visit).then(() => (hasBegun = true));
  await new Promise((resolve) => setTimeout(resolve));
  return hasBegun;
}

test('a page that the host isolates begins at once', async () => {
  const visit = new Visit();
  visit.isIsolated = true;

  expect(await begins(visit)).toBe(true);
  expect(visit.reloads).toBe(0);
});

test('a page that a service worker can isolate reloads and does not begin before', async () => {
  const visit = new Visit();

  expect(await begins(visit)).toBe(false);
  expect(visit.reloads).toBe(1);
});

test('a page that is not isolated after its reload begins without it', async () => {
  const visit = new Visit();
  await begins(visit);

  expect(await begins(visit)).toBe(true);
  expect(visit.reloads).toBe(1);
});

test('once a page was isolated, the next that is not may try again', async () => {
  const visit = new Visit();
  await begins(visit);
  visit.isIsolated = true;
  await begins(visit);
  visit.isIsolated = false;

  expect(await begins(visit)).toBe(false);
  expect(visit.reloads).toBe(2);
});

test.each([
  ['without a service worker', { isServed: false }],
  ['with a question begun in it', { hasDraft: true }],
  ['where nothing is remembered over a reload', { remembers: false }],
])('a page %s begins as it is', async (_name, part) => {
  const visit = Object.assign(new Visit(), part);

  expect(await begins(visit)).toBe(true);
  expect(visit.reloads).toBe(0);
});
