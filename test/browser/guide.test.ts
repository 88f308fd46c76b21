/** The model that comes with the page: there without a click, without a network, and honest when it is not. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { present } from '../../src/lib/assert.ts';
import { launchBrowser, untilKept, type TestBrowser } from '../support/browser.ts';
import { ask, chooseFile, closeSheet, openModel, untilGuideIsReady } from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const TINY_NAME = 'Tiny random Qwen2';
const ON_PRIVACY = 'Is anything I type sent to a server?';

let browser: TestBrowser;
let site: ServedPage;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterEach(async () => {
  for (const page of browser.context.pages().slice(1)) await page.close();
  await site?.stop();
});

afterAll(() => browser?.close());

const modelName = (page: Page) => page.locator('.app-header__title').innerText();
const lastAnswer = (page: Page) => page.locator('article.answer:not([aria-busy])').last();

/** The page has loaded: what it fetches after its first paint has come too. */
async function untilNothingComes(page: Page, requests: readonly string[]): Promise<void> {
  await page.getByRole('log').waitFor({ state: 'attached' });
  await untilKept(page);
  for (let before = -1; before !== requests.length;) {
    before = requests.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

describe('without a click and with the network cut', () => {
  test('the guide answers what most people ask first, truly, and nothing is sent', async () => {
    site = await servePage();
    const { page, requests, complaints } = await browser.openPage(site.origin);
    await untilGuideIsReady(page);
    await untilNothingComes(page, requests);
    await site.stop();
    await page.context().setOffline(true);
    const asked = requests.length;

    await page.getByRole('button', { name: ON_PRIVACY }).click();
    await lastAnswer(page).waitFor();
    const text = await lastAnswer(page).locator('.answer__text').innerText();
    await page.context().setOffline(false);

    expect(text).toMatch(/^No\b/);
    expect(text).toMatch(/your own device|on your device|nothing you type/i);
    expect(requests.slice(asked)).toEqual([]);
    expect(browser.attempts()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('the page that was there once answers after a reload', async () => {
    site = await servePage();
    const { page } = await browser.openPage(site.origin);
    await untilGuideIsReady(page);
    await untilKept(page);
    await site.stop();

    await page.reload();
    await untilGuideIsReady(page);
    const { text } = await ask(page, ON_PRIVACY);

    expect(text).toMatch(/^No\b/);
  });

  test('also where the guide itself was cleared from this device: the service worker has kept it', async () => {
    site = await servePage();
    const { page } = await browser.openPage(site.origin);
    await untilGuideIsReady(page);
    await untilKept(page);
    await site.stop();
    await page.goto(`${site.origin}/manifest.webmanifest`);
    await forget(page);

    await page.goto(site.origin);
    await untilGuideIsReady(page);

    await expect.poll(() => modelName(page), PATIENT).toMatch(/^Guide · \d MB$/);
  });
});

describe('three questions to tap', () => {
  test('are in Chinese for whoever reads Chinese, and so is the answer', async () => {
    site = await servePage();
    const page = await browser.context.newPage();
    await page.addInitScript(() =>
      Object.defineProperty(navigator, 'languages', { value: ['zh-CN', 'en'] }),
    );
    await page.goto(site.origin);
    await page.getByText('向导已就绪：').waitFor();
    const questions = page.locator('.suggestions__item');
    await questions.nth(2).waitFor();
    const count = await questions.count();
    const lang = await page.locator('html').getAttribute('lang');

    await questions.first().click();
    await lastAnswer(page).waitFor();
    const answer = lastAnswer(page).locator('.answer__text');

    expect([count, lang]).toEqual([3, 'zh-Hans']);
    expect(await answer.innerText()).toMatch(/^不会/);
    expect(await answer.getAttribute('lang')).toBe('zh');
    expect(await questions.count()).toBe(0);
  });
});

describe('a larger model', () => {
  test('takes over when it is here, in the same conversation; deleted, it leaves the word to the guide again', async () => {
    site = await servePage();
    const { page } = await browser.openPage(site.origin);
    await untilGuideIsReady(page);
    await ask(page, ON_PRIVACY);

    await openModel(page, TINY);
    await expect.poll(() => modelName(page), PATIENT).toBe(TINY_NAME);
    const { text, figures } = await ask(page, 'And now?');
    await page.getByRole('button', { name: /^Model: / }).click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page
      .getByRole('button', { name: /^Delete/ })
      .last()
      .click();
    await closeSheet(page);
    await untilGuideIsReady(page);

    expect(text.length).toBeGreaterThan(0);
    expect(figures['of them from the cache']).toBe('0 tok');
    await expect.poll(() => modelName(page), PATIENT).toMatch(/^Guide/);
    expect(await page.locator('article.answer').count()).toBe(2);
  });
});

describe('a host that', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'offgrid-guide-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Serves the page from a copy in which `change` did something to the guide's file. */
  async function openWith(name: string, change: (path: string) => Promise<void>) {
    const copy = join(folder, name);
    await cp('dist', copy, { recursive: true });
    const assets = join(copy, 'assets');
    const file = (await readdir(assets)).find((asset) => /^guide-.*\.gguf$/.test(asset));
    await change(join(assets, present(file, 'the guide')));
    site = await servePage({ folder: copy });
    return browser.openPage(site.origin);
  }

  const flipOneByte = async (path: string) => {
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100);
    await writeFile(path, bytes);
  };

  test.each([
    ['does not have it', (path: string) => rm(path), 'download-failed'],
    ['has another in its place', flipOneByte, 'checksum-mismatch'],
  ] as const)(
    '%s is said in a sentence with a code; the page stays usable',
    async (name, change, code) => {
      const { page } = await openWith(name.replaceAll(' ', '-'), change);
      const notice = page.getByRole('status').filter({ hasText: 'The guide is not here' });
      await notice.waitFor();
      const sentence = await notice.innerText();
      const canGet = await page.getByRole('button', { name: /^Get / }).isEnabled();

      await chooseFile(page, TINY);
      await page
        .getByRole('status')
        .filter({ hasText: `${TINY_NAME} is ready` })
        .waitFor();
      const { text } = await ask(page, 'Hello');

      expect(sentence).toContain('The page works without it');
      expect(sentence).toContain(code);
      expect(canGet).toBe(true);
      expect(text.length).toBeGreaterThan(0);
    },
  );
});

/** Empties what the page keeps on this device; not what its service worker keeps. */
async function forget(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) await root.removeEntry(name, { recursive: true });
    localStorage.clear();
  });
}
