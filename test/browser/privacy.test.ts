/**
 * Nothing can leave. Each of these has a counterpart that can fail: the alarm of the trap is heard where fetching
 * is allowed.
 */
import type { Worker } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts';
import { openModel, workerOf } from '../support/chat.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';
import { tryToFetch } from '../support/try-to-fetch.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const STRANGER = 'https://stranger.example/';
const MODEL_HOST = 'https://huggingface.co/';

let site: ServedPage;
let browser: TestBrowser;
let opened: TestPage;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
  opened = await browser.openPage(site.origin);
  await openModel(opened.page, TINY);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** Of a page that has just looked what is here: after it prepared a model, it is ended. */
async function storeWorker(): Promise<Worker> {
  const { page } = await browser.openPage(site.origin);
  return workerOf(page, 'store');
}

test.each([
  ['the page', async () => opened.page],
  ['the inference worker', () => workerOf(opened.page, 'inference')],
  ['the store worker', storeWorker],
])('%s cannot reach a stranger', async (_name, from) => {
  const before = browser.attempts().length;

  const { error, refused } = await tryToFetch(await from(), STRANGER);

  expect(error).toMatch(/TypeError/);
  expect(refused).toEqual([STRANGER]);
  expect(browser.attempts().slice(before)).toEqual([]);
});

test.each([
  ['the page', async () => opened.page],
  ['the inference worker', () => workerOf(opened.page, 'inference')],
  ['the store worker', storeWorker],
])('%s cannot reach the host of the models either', async (_name, from) => {
  const { refused } = await tryToFetch(await from(), MODEL_HOST);

  expect(refused).toEqual([MODEL_HOST]);
  expect(browser.attempts()).toEqual([]);
});

test('the download worker reaches the host of the models and nobody else, and the trap hears of it', async () => {
  const { page } = opened;
  await page.getByRole('button', { name: 'Model: ' }).click();
  await page.getByRole('button', { name: 'Get Qwen2.5 0.5B Instruct' }).click();
  const worker = await workerOf(page, 'download');

  const stranger = await tryToFetch(worker, STRANGER);
  const host = await tryToFetch(worker, MODEL_HOST);

  expect(stranger.refused).toEqual([STRANGER]);
  expect(host).toMatchObject({ error: expect.stringMatching(/TypeError/), refused: [] }); // nothing leaves the trap
  expect(new Set(browser.attempts())).toEqual(new Set(['huggingface.co']));
});

test('no string becomes the address of a script', async () => {
  const start = opened.page.evaluate(() => void new Worker('/workers/anything.js'));

  await expect(start).rejects.toThrow(/TrustedScriptURL/);
});
