/** How the page lies on screens, from a small phone to a desk, in each of its states. Pictures go to test/output/. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  closeSheet,
  dismissFailure,
  openModel,
  resize,
  untilDrawn,
  untilGuideIsReady,
  untilSheetIsFilled,
} from '../support/chat.ts';
import { layoutFaults } from '../support/layout-faults.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const PICTURES = 'test/output';

const SIZES = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
] as const;
const PHONE = SIZES[1];
const PICTURED: ReadonlySet<number> = new Set([390, 1440]);

let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let folder: string;

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'offgrid-layout-'));
  site = await servePage();
  browser = await launchBrowser();
  ({ page } = await browser.openPage('about:blank'));
  await page.setViewportSize(PHONE);
  await page.goto(site.origin);
  await untilGuideIsReady(page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => resize(page, PHONE));

/** Looks at the page in every size, takes its pictures, and gives the faults by size. */
async function lookAt(state: string): Promise<Record<number, readonly string[]>> {
  const found: Record<number, readonly string[]> = {};
  for (const size of SIZES) {
    await resize(page, size);
    found[size.width] = await layoutFaults(page);
    if (PICTURED.has(size.width)) {
      await page.screenshot({ path: join(PICTURES, `${state}-${size.width}.png`) });
    }
  }
  return found;
}

const WELL = { 320: [], 390: [], 1440: [] };

describe('with the guide the page lies well', () => {
  test('at first', async () => {
    expect(await lookAt('guide')).toEqual(WELL);
  });

  test('and on a phone its first screen has a name, one line, the seal, three questions and a card, above the composer', async () => {
    const seal = page.getByRole('button', { name: 'Ready for offline' });
    await seal.waitFor({ timeout: 60_000 });
    await page.locator('.suggestions__item').nth(2).waitFor();
    const composer = await page.locator('.composer__box').boundingBox();
    const inOrder = [
      page.getByRole('heading', { name: 'Offgrid' }),
      page.locator('.app__line'),
      seal,
      ...(await page.locator('.suggestions__item').all()),
      page.getByRole('region', { name: 'A larger model to get' }),
    ];
    const ends: number[] = [];
    for (const part of inOrder) {
      const box = await part.boundingBox();
      ends.push((box?.y ?? NaN) + (box?.height ?? NaN));
    }

    const title = page.locator('.app-header__title');
    expect(await title.evaluate((node) => node.scrollWidth <= node.clientWidth)).toBe(true);
    expect(inOrder).toHaveLength(7);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(ends.at(-1)).toBeLessThan(composer?.y ?? 0);
  });

  test('beside a conversation, where the card is a line that stays in view', async () => {
    await ask(page, 'What is this page?');
    await ask(page, 'What is a token?');
    await ask(page, 'What is the KV cache?');

    const found = await lookAt('guide-talk');
    await resize(page, { width: 390, height: 640 });
    await page.evaluate(() => window.scrollTo({ top: document.documentElement.scrollHeight }));
    await untilDrawn(page);
    const box = await page.getByRole('button', { name: /^Get / }).boundingBox();
    await page.getByRole('button', { name: 'New conversation' }).click();

    expect(found).toEqual(WELL);
    expect(box?.y).toBeGreaterThan(50);
    expect(box?.y).toBeLessThan(120);
  });

  test('after a file that is no model', async () => {
    const path = join(folder, 'bad.gguf');
    await writeFile(path, 'Hello, I am a text.'.repeat(50));
    const opening = openModel(page, path);

    await expect(opening).rejects.toThrow(/not a GGUF model/);
    expect(await lookAt('failed')).toEqual(WELL);
    await dismissFailure(page);
  });
});

describe('with a model', () => {
  beforeAll(() => openModel(page, TINY));

  describe('the page lies well', () => {
    test('before the first question', async () => {
      expect(await lookAt('ready')).toEqual(WELL);
    });

    test.each(['conversations', 'models', 'settings', 'privacy'] as const)(
      'under the sheet of %s',
      async (sheet) => {
        const opener = {
          conversations: 'Conversations',
          models: /^Model: /,
          settings: 'Settings',
          privacy: 'On this device',
        }[sheet];
        await page.getByRole('button', { name: opener, exact: true }).click();
        await untilSheetIsFilled(page.getByRole('dialog'));

        expect(await lookAt(`sheet-${sheet}`)).toEqual(WELL);
        await closeSheet(page);
      },
    );

    test('under the sheet of statistics, which wide screens have beside the conversation', async () => {
      await page.getByRole('button', { name: 'Statistics' }).click();
      await untilSheetIsFilled(page.getByRole('dialog'));

      expect(await lookAt('sheet-statistics')).toEqual(WELL);
      await closeSheet(page);
    });

    test('with an answer', async () => {
      await answerGreedily(page);
      await ask(page, 'What is the capital of France?');

      expect(await lookAt('answered')).toEqual(WELL);
    });

    test('with an answer and its figures open', async () => {
      await page.locator('article.answer summary').first().click();

      expect(await lookAt('figures')).toEqual(WELL);
    });
  });

  describe('the header keeps to one line', () => {
    const LONG = 'Qwen2.5 Coder 0.5B Instruct of which there is more to be said than fits';

    test.each(SIZES)('at $width px, however long the name of the model', async (size) => {
      await resize(page, size);
      const title = page.locator('.app-header__title');
      const before = await title.innerText();

      await title.evaluate((node, text) => (node.textContent = text), LONG);
      const found = await layoutFaults(page);
      await title.evaluate((node, text) => (node.textContent = text), before);

      expect(found).toEqual([]);
    });

    test.each(SIZES)('at $width px, when text is twice as large', async (size) => {
      await resize(page, size);
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      const found = await layoutFaults(page);
      await page.screenshot({ path: join(PICTURES, `large-text-${size.width}.png`) });
      await page.evaluate(() => (document.documentElement.style.fontSize = ''));

      expect(found).toEqual([]);
    });

    test('and the model and the seal keep their whole names for those who do not see them', async () => {
      await resize(page, SIZES[0]);

      expect(await page.getByRole('button', { name: /^Model: .+\. Change$/ }).count()).toBe(1);
      expect(await page.getByRole('button', { name: 'On this device', exact: true }).count()).toBe(
        1,
      );
    });
  });

  describe('where the page is scrolled to', () => {
    const scrolledPx = () => page.evaluate(() => window.scrollY);
    const belowPx = () =>
      page.evaluate(() => document.documentElement.scrollHeight - innerHeight - window.scrollY);

    test('is the end while there is an answer, also when the window shrinks', async () => {
      await answerGreedily(page);
      await ask(page, 'What is the capital of France?');
      await page.locator('article.answer summary').last().click();
      await page.evaluate(() => window.scrollTo({ top: document.documentElement.scrollHeight }));
      await untilDrawn(page);
      await resize(page, { width: 390, height: 500 });

      await expect.poll(belowPx, PATIENT).toBeLessThan(2);
      expect(await scrolledPx()).toBeGreaterThan(0);
    });

    test('is the top while there is none, also when the window shrinks', async () => {
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.reload();
      await page.getByText('is ready on this device').waitFor();
      await resize(page, { width: 390, height: 420 });

      expect(await belowPx()).toBeGreaterThan(0);
      expect(await scrolledPx()).toBe(0);
    });
  });
});
