import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headersFor } from '../../src/pwa/headers.ts';
import { launchBrowser, untilKept, type TestBrowser } from '../support/browser.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

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

describe('the page', () => {
  test('opens without a complaint and is isolated', async () => {
    const { page, complaints } = await browser.openPage(site.origin);
    await untilKept(page);

    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('asks nobody but its own origin for anything', async () => {
    const { page, requests } = await browser.openPage(site.origin);
    await untilKept(page);

    expect(requests.length).toBeGreaterThan(1);
    expect(requests.filter((url) => !url.startsWith(site.origin))).toEqual([]);
    expect(browser.attempts()).toEqual([]);
    await page.close();
  });

  test('is served with its policy, and so is what a service worker kept', async () => {
    const { page } = await browser.openPage(site.origin);
    const headersOf = async () =>
      (await page.reload().then((response) => response?.allHeaders())) ?? {};
    const expected = Object.entries(headersFor('/')).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);

    await untilKept(page);
    const kept = await headersOf();

    for (const [name = '', value] of expected) expect(kept[name], name).toBe(value);
    await page.close();
  });
});

describe('with the network gone', () => {
  test('the page still opens, isolated and without a complaint', async () => {
    const own = await servePage();
    const first = await browser.openPage(own.origin);
    const heading = await first.page.title();
    await untilKept(first.page);
    await first.page.close();

    await own.stop();
    const { page, complaints } = await browser.openPage(own.origin);

    expect(await page.title()).toBe(heading);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator('#app').innerText()).not.toBe('');
    // What the host offers beside the page is asked for, in vain; browsers write that down.
    expect(complaints.filter((line) => !line.includes('models/index.json'))).toEqual([]);
    await page.close();
  });
});
