/** A person's way through the page, with a tiny random model: give it a file, ask, stop, ask again, come back. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, untilKept, type TestBrowser, type TestPage } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  closeSheet,
  dieInMidAnswer,
  openModel,
  slowDown,
  startAsking,
  untilGuideIsReady,
  workerOf,
} from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
/** The tiny model's greedy answer to it is as long as one lets it. */
const LONG_ANSWER = 'What is the capital of France?';

let site: ServedPage;
let browser: TestBrowser;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const untilReady = (page: Page) =>
  page.getByRole('status').filter({ hasText: 'is ready' }).first().waitFor({ state: 'attached' });

describe('a model that was opened', () => {
  let opened: TestPage;
  beforeAll(async () => {
    opened = await browser.openPage(site.origin);
    await openModel(opened.page, TINY);
    await answerGreedily(opened.page);
  });

  test('answers, with every figure of the answer', async () => {
    const { text, figures } = await ask(opened.page, 'What is the capital of France?');

    expect(text.length).toBeGreaterThan(0);
    expect(figures['Time to first token']).toMatch(/^[\d.,]+ m?s$/);
    expect(figures['Prefill']).toMatch(/^[\d.,]+ tok\/s$/);
    expect(figures['Tokens in']).toMatch(/^[1-9][\d,]* tok$/);
    expect(figures['Tokens out']).toMatch(/^[1-9][\d,]* tok$/);
    expect(opened.complaints).toEqual([]);
  });

  test('finds what it has read in its cache when asked again', async () => {
    const tokens = (figure: string | undefined) => Number.parseInt(figure ?? '', 10);

    const first = await ask(opened.page, 'And of Italy?');
    const second = await ask(opened.page, 'And of Spain?');

    expect(first.text.length).toBeGreaterThan(0);
    expect(tokens(second.figures['of them from the cache'])).toBeGreaterThanOrEqual(
      tokens(first.figures['Tokens in']),
    );
  });

  test('stops when told to, keeps what it said, and answers the next question', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'New conversation' }).click();
    await answerGreedily(page, 450);
    await slowDown(await workerOf(page, 'inference'));

    await startAsking(page, LONG_ANSWER);
    await page.locator('article.answer[aria-busy]').waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    const stopped = page.locator('article.answer:not([aria-busy])').last();
    await stopped.waitFor();
    const line = await stopped.locator('summary').first().innerText();
    await answerGreedily(page);
    const next = await ask(page, 'Are you still there?');

    expect(line).toContain('stopped by you');
    expect(next.line).toMatch(/stopped by itself|length limit/);
  });

  test('refuses a message that is longer than its context, says by how much, and goes on', async () => {
    const { page } = opened;
    await startAsking(page, 'many words '.repeat(4000));
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    const sentence = await alert.innerText();

    const next = await ask(page, 'And a short one?');

    expect(sentence).toMatch(/\d[\d,]* tokens/);
    expect(next.text.length).toBeGreaterThan(0);
  });

  test('is asked nothing by an empty question', async () => {
    const { page } = opened;
    const before = await page.locator('article.answer').count();
    await startAsking(page, '   ');
    await ask(page, 'And now something?');

    expect(await page.locator('article.answer').count()).toBe(before + 1);
  });

  test('whose worker dies in mid-answer leaves its text, and the next question wakes it again', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'New conversation' }).click();
    await answerGreedily(page, 450);
    await dieInMidAnswer(await workerOf(page, 'inference'));

    await startAsking(page, LONG_ANSWER);
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    const broken = page.locator('article.answer:not([aria-busy])').last();
    const left = await broken.innerText();
    await answerGreedily(page);
    const next = await ask(page, 'And now?');

    expect(left).toContain('broke off');
    expect(next.line).toMatch(/stopped by itself|length limit/);
  });

  test('is there again after a reload, without choosing it, and with the network gone', async () => {
    const own = await servePage();
    const { page } = await browser.openPage(own.origin);
    await openModel(page, TINY);
    await untilKept(page);
    await own.stop();

    await page.reload();
    await untilReady(page);
    const { text } = await ask(page, 'What is the capital of France?');

    expect(text.length).toBeGreaterThan(0);
    await page.close();
  });

  test('can be deleted; then the guide answers, also after a reload', async () => {
    const own = await servePage();
    const { page } = await browser.openPage(own.origin);
    await openModel(page, TINY);
    await page.reload();
    await untilReady(page);

    await page.getByRole('button', { name: /Change$/ }).click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page
      .getByRole('button', { name: /^Delete/ })
      .last()
      .click();
    await closeSheet(page);
    await untilGuideIsReady(page);
    await page.reload();
    await untilGuideIsReady(page);

    await page.getByRole('button', { name: /^Model: Guide/ }).waitFor();
    await page.close();
    await own.stop();
  });
});

test('without isolation, and nothing to bring it about, the page answers on one thread, and says so', async () => {
  const own = await servePage();
  const alone = await launchBrowser({ hasServiceWorker: false });
  const { page } = await alone.openPage('about:blank');
  await page.route(`${own.origin}/`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers() };
    delete headers['cross-origin-opener-policy'];
    delete headers['cross-origin-embedder-policy'];
    await route.fulfill({ response, headers });
  });

  await page.goto(`${own.origin}/`);
  await openModel(page, TINY);
  const { text } = await ask(page, 'What is the capital of France?');

  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  expect(text.length).toBeGreaterThan(0);
  await expect
    .poll(() => page.locator('body').innerText(), PATIENT)
    .toMatch(/one thread|single thread/i);
  await alone.close();
  await own.stop();
});
