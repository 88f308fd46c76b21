/**
 * Nothing can leave. Each of these has a counterpart that can fail: the alarm of the trap is heard where fetching
 * is allowed.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isReachable } from '../../src/contract/model-hosts.ts';
import { launchBrowser, untilKept, type TestBrowser, type TestPage } from '../support/browser.ts';
import { ask, closeSheet, openModel, workerOf } from '../support/chat.ts';
import { servePlainly } from '../support/plain-host.ts';
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
  const reached = [...new Set(browser.attempts())];
  expect(reached).toContain('huggingface.co');
  expect(reached.filter((host) => !isReachable(`https://${host}/`, site.origin))).toEqual([]);
  // Else other tabs would go on with it.
  const others = browser.context.pages().filter((other) => other !== page);
  await Promise.all(others.map((other) => other.close()));
  const cancel = page.getByRole('button', { name: 'Cancel', exact: true }).first();
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  await cancel.or(dismiss).first().click(); // by then it may have given up
  await cancel.waitFor({ state: 'hidden' });
});

test('no string becomes the address of a script', async () => {
  const start = opened.page.evaluate(() => void new Worker('/workers/anything.js'));

  await expect(start).rejects.toThrow(/TrustedScriptURL/);
});

describe('the privacy page', () => {
  const openSheet = async (page: Page) => {
    await page.reload(); // whatever the tests before left in it
    await page.getByRole('button', { name: 'On this device', exact: true }).click();
    return page.getByRole('dialog', { name: 'On this device' });
  };

  test('tries every way out of page and model worker, and shows that the browser refused', async () => {
    const before = browser.attempts().length;
    const sheet = await openSheet(opened.page);
    await sheet.getByRole('button', { name: 'Try to get out' }).click();
    await sheet.getByText('The browser refused every try, by the policy.').waitFor();

    const tried = await sheet.locator('.privacy__row--pair').allInnerTexts();

    expect(tried.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'fetch refused by connect-src',
      'WebSocket refused by connect-src',
      'a script of another host refused by script-src-elem',
      'sendBeacon refused by connect-src',
      'an image refused by img-src',
      'fetch refused by connect-src',
      'WebSocket refused by connect-src',
      'a script of another host refused by script-src-elem',
    ]);
    expect(browser.attempts().slice(before)).toEqual([]);
  });

  test('lists what each part of the page asked for, and a receipt holds it without a word that was said', async () => {
    const { page } = opened;
    await closeSheet(page);
    await ask(page, 'my secret question');
    const sheet = page.getByRole('dialog', { name: 'On this device' });
    await page.getByRole('button', { name: 'On this device', exact: true }).click();
    await sheet.getByText('by response header').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      sheet.getByRole('button', { name: 'Save a receipt' }).click(),
    ]);

    const text = await readFile(await download.path(), 'utf8');
    const { totals, requests, policies, tries, offline } = JSON.parse(text);

    expect(download.suggestedFilename()).toMatch(/^offgrid-receipt-\d{4}-\d\d-\d\d\.json$/);
    expect(totals).toMatchObject({ requestsElsewhere: 0 });
    const parts = new Set(requests.map(({ maker }: { maker: string }) => maker));
    expect([...parts]).toEqual(expect.arrayContaining(['page', 'inference', 'store']));
    expect(policies).toContainEqual({
      bound: 'inference',
      source: 'header',
      text: expect.stringMatching(/connect-src 'self'$/),
    });
    expect(tries.inference[0]).toMatchObject({ way: 'fetch', outcome: 'refused' });
    expect(['ready', 'lacking']).toContain(offline);
    expect(text).not.toContain('secret');
    await closeSheet(page);
  });

  test('finds a file that was changed on this device, and has it fetched again', async () => {
    const { page } = opened;
    await untilKept(page);
    await page.evaluate(async () => {
      const [name = ''] = (await caches.keys()).filter((key) => key.includes('precache'));
      const cache = await caches.open(name);
      const key = (await cache.keys()).find(({ url }) => url.includes('create-engine'));
      const kept = key === undefined ? undefined : await cache.match(key);
      if (key === undefined || kept === undefined) throw new Error('not kept');
      await cache.put(key, new Response(`${await kept.text()}//`, { headers: kept.headers }));
    });

    await page.getByRole('button', { name: 'On this device', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'On this device' });
    await sheet.getByText('Not ready for offline').waitFor();
    const damaged = sheet.locator('.privacy__row', { hasText: 'not as built' });
    await damaged.first().waitFor();
    const named = await damaged.allInnerTexts();
    await sheet.getByRole('button', { name: 'Look again' }).click();

    expect(named).toEqual([expect.stringContaining('create-engine')]);
    await sheet.getByText('Ready for offline', { exact: true }).waitFor();
    await closeSheet(page);
  });

  test('says that not every try was refused where there is no policy, and then the trap hears of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'offgrid-dist-'));
    await cp('dist', folder, { recursive: true });
    const shell = await readFile(join(folder, 'index.html'), 'utf8');
    await writeFile(join(folder, 'index.html'), shell.replace(/<meta http-equiv=[^>]*>/, ''));
    const host = await servePlainly(folder, '/');
    const unguarded = await launchBrowser({ hasServiceWorker: false });
    const { page } = await unguarded.openPage(host.url);
    const sheet = await openSheet(page);

    await sheet.getByRole('button', { name: 'Try to get out' }).click();
    await sheet.getByText('Not every try was refused by the policy.').waitFor();

    expect(new Set(unguarded.attempts())).toEqual(new Set(['canary.invalid']));
    await unguarded.close();
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });
});
