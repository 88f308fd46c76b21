/** The whole page by keyboard alone: Tab, Shift and Tab, Enter, Escape, and the keys that the page has of its own. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from '../support/axe-violations.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { ask, closeSheet, resize, untilGuideIsReady, untilSheetIsFilled } from '../support/chat.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

let site: ServedPage;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  ({ page } = await browser.openPage('about:blank'));
  await page.setViewportSize(DESK);
  await page.goto(site.origin);
  await untilGuideIsReady(page);
  await page.getByRole('button', { name: 'Ready for offline' }).waitFor({ timeout: 60_000 });
  await untilKeysCount();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** What listens to keys is fetched after the first paint, and shows nothing when it is there. */
async function untilKeysCount(): Promise<void> {
  const opens = () =>
    sheet()
      .waitFor({ timeout: 1_000 })
      .then(
        () => true,
        () => false,
      );
  do await page.keyboard.press('Control+/');
  while (!(await opens()));
  await closeSheet(page);
}

interface Stop {
  readonly name: string;
  /** The same for the same element. */
  readonly mark: number;
  /** What keeps a person from seeing where they are; empty when all is well. */
  readonly faults: readonly string[];
}

/** What has the focus: null at the ends of the page. */
function stop(): Promise<Stop | null> {
  return page.evaluate(() => {
    const here = document.activeElement;
    if (here === null || here === document.body || here === document.documentElement) return null;
    const faults: string[] = [];
    const { outlineStyle, outlineWidth } = getComputedStyle(here);
    const ring = here.matches('.composer__field') ? here.closest('.composer__box') : here;
    const ringStyle = ring === null ? null : getComputedStyle(ring);
    const hasRing =
      (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) ||
      (ringStyle !== null && ringStyle.outlineStyle !== 'none');
    if (!hasRing) faults.push('no ring around it');
    const box = here.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right - left < 1 || bottom - top < 1) faults.push('out of sight');
    else {
      const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (seen === null || !(here.contains(seen) || seen.contains(here)))
        faults.push(`under ${seen?.className}`);
    }
    const label = here.getAttribute('aria-label') ?? here.textContent ?? '';
    const labels =
      here instanceof HTMLInputElement ||
      here instanceof HTMLTextAreaElement ||
      here instanceof HTMLSelectElement
        ? here.labels
        : null;
    const known = ((globalThis as { walked?: Map<Element, number> }).walked ??= new Map());
    const mark = known.get(here) ?? known.size;
    known.set(here, mark);
    return { mark, name: (labels?.[0]?.textContent ?? label).trim().slice(0, 60), faults };
  });
}

/** Goes with Tab from what has the focus to the end of the page or round a sheet. Throws where Tab does not get on, or not back. */
async function walk(): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  let here = await stop();
  for (; here !== null && stops.every(({ mark }) => mark !== here?.mark); here = await stop()) {
    stops.push(here);
    await page.keyboard.press('Tab');
  }
  if (here !== null && here.mark !== stops[0]?.mark) throw new Error(`trapped in ${here.name}`);
  // The end may be the browser's own: from there one step leads back, or two.
  await page.keyboard.press('Shift+Tab');
  if ((await stop()) === null) await page.keyboard.press('Shift+Tab');
  const back = await stop();
  if (back === null || stops.every(({ mark }) => mark !== back.mark))
    throw new Error(`no way back to ${stops.at(-1)?.name}`);
  return stops;
}

const faultsOf = (stops: readonly Stop[]) =>
  stops
    .filter(({ faults }) => faults.length > 0)
    .map(({ name, faults }) => `${name}: ${faults.join(', ')}`);

/** The focus at the top of the page. */
const toTop = () => page.locator('.app__skip').focus();

const sheet = () => page.locator('dialog[open]');
const focusedName = async () => (await stop())?.name ?? 'nothing';

describe.each([
  ['a desk', DESK],
  ['a phone', PHONE],
] as const)('on %s Tab comes by everything, and one sees where one is', (_name, size) => {
  beforeAll(() => resize(page, size));

  test('on the page', async () => {
    await toTop();
    const stops = await walk();

    expect(stops.length).toBeGreaterThan(8);
    expect(faultsOf(stops)).toEqual([]);
  });

  test('in a conversation, with the tokens of an answer open', async () => {
    await ask(page, 'What is the KV cache?');
    await page.getByRole('button', { name: 'Look at the tokens' }).last().press('Enter');
    await page.getByRole('listbox').last().waitFor();
    await toTop();

    const stops = await walk();

    expect(stops.map(({ name }) => name)).toContain('Back to the text');
    expect(faultsOf(stops)).toEqual([]);
  });

  test.each([
    ['l', 'Conversations'],
    ['m', 'Models'],
    ['s', 'Settings'],
    ['t', 'Statistics'],
    ['b', 'Benchmark'],
    ['d', 'On this device'],
    ['', 'Keyboard'],
  ])('with ? and %s: in “%s”, and Escape gives the focus back', async (letter, title) => {
    await page.getByRole('button', { name: 'Settings' }).first().focus();
    const before = await focusedName();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    if (letter !== '') await page.keyboard.press(letter);
    await page.getByRole('dialog', { name: title }).waitFor();
    await untilSheetIsFilled(sheet());

    const stops = await walk();
    await closeSheet(page);

    expect(stops.length).toBeGreaterThan(1);
    expect(faultsOf(stops)).toEqual([]);
    expect(await focusedName()).toBe(before);
  });
});

test('what a tool for writing says is changed by keyboard, and the focus comes back', async () => {
  const field = page.getByLabel('Your question');
  await field.fill('One line.\nAnother line.\nA third line.');
  await page.getByRole('button', { name: 'Change the prompts' }).press('Enter');
  await untilSheetIsFilled(sheet());

  const stops = await walk();
  await closeSheet(page);

  expect(stops.map(({ name }) => name)).toEqual(expect.arrayContaining(['Summarise', 'Formal']));
  expect(faultsOf(stops)).toEqual([]);
  expect(await focusedName()).toBe('Change the prompts');
  await field.fill('');
});

describe('the list of keys', () => {
  beforeAll(() => resize(page, PHONE));

  test('keeps nobody out, and is shown by a button, too', async () => {
    await page.getByRole('button', { name: 'Settings' }).first().press('Enter');
    await page.getByRole('button', { name: 'Show the keys' }).press('Enter');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();

    expect(await findViolations(page)).toEqual([]);
    for (const [width, height] of [
      [390, 844],
      [1440, 900],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `test/output/sheet-keys-${width}.png` });
    }
    await page.setViewportSize(PHONE);
    await closeSheet(page);
    expect(await focusedName()).toBe('Settings');
  });

  test('leaves ? to whoever writes, and opens with Control there', async () => {
    const field = page.getByLabel('Your question');
    await field.focus();
    await page.keyboard.type('Why?');
    expect(await sheet().count()).toBe(0);
    expect(await field.inputValue()).toBe('Why?');
    await field.fill('');

    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await closeSheet(page);

    expect(await focusedName()).toBe('Your question');
  });

  test('does not open with ? any more once that is switched off', async () => {
    await page.keyboard.press('Control+/');
    await page.getByLabel('The ? key opens this list').press('Space');
    await closeSheet(page);
    await page.getByRole('button', { name: 'Settings' }).first().focus();
    await page.keyboard.press('?');
    expect(await sheet().count()).toBe(0);

    await page.keyboard.press('Control+/');
    await page.getByLabel('The ? key opens this list').press('Space');
    await closeSheet(page);
  });

  test('copies the last answer, and opens its tokens', async () => {
    const { text } = await ask(page, 'What can you do?');
    await page.keyboard.press('Control+/');
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Copied' }).waitFor();

    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    await page.keyboard.press('?');
    await page.keyboard.press('x');
    await page.waitForFunction(
      () => document.activeElement?.getAttribute('aria-label') === 'Back to the text',
    );
  });

  test.each([
    ['on a phone, in a sheet', PHONE],
    ['on a desk, in its column', DESK],
  ])('puts the caret where conversations are searched: %s', async (_where, size) => {
    await resize(page, size);
    await page.keyboard.press('?');
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.activeElement?.matches('input[type=search]'));

    if (size === PHONE) await closeSheet(page);
  });

  test('begins a conversation, with the caret in the field', async () => {
    await page.keyboard.press('Control+/');
    await page.keyboard.press('n');
    await page.waitForFunction(() => document.activeElement?.id === 'composer');

    expect(await page.locator('article').count()).toBe(0);
  });
});

describe('without the list', () => {
  test('one goes from answer to answer, and from the last one into the field', async () => {
    await ask(page, 'What is a token?');
    await ask(page, 'What is this page?');
    const at = () =>
      page.evaluate(() => {
        const answers = [...document.querySelectorAll('article.answer')];
        return answers.indexOf(document.activeElement as Element);
      });
    const places: number[] = [];
    for (const key of ['PageUp', 'PageUp', 'PageUp', 'PageDown', 'PageDown']) {
      await page.keyboard.press(`Alt+${key}`);
      places.push(await at());
    }

    expect(places).toEqual([1, 0, 0, 1, -1]);
    expect(await focusedName()).toBe('Your question');
  });

  test('and from conversation to conversation, and hears which one it is', async () => {
    await page.keyboard.press('Alt+Shift+PageDown');

    await page
      .getByRole('log')
      .getByText(/^Conversation: /)
      .waitFor({ state: 'attached' });
    expect(await focusedName()).toBe('Your question');
  });
});
