import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { present } from '../../src/lib/assert.ts';
import { headersFor } from '../../src/pwa/headers.ts';
import { launchBrowser, untilKept, type TestBrowser } from '../support/browser.ts';
import { openModel } from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { sealAgain } from '../support/seal-again.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';

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

test('the page works from a folder of a site', async () => {
  const own = await servePage({ base: '/some/folder/' });
  const { page, complaints } = await browser.openPage(`${own.origin}/some/folder/`);
  await untilKept(page);
  await openModel(page, TINY);
  await own.stop();
  await page.reload();

  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(complaints.filter((line) => !/(models\/index|policy)\.json/.test(line))).toEqual([]);
  await page.close();
});

test('while developing, the page opens and loads a model as it does when built', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'offgrid-vite-'));
  const server = await createServer({ cacheDir, logLevel: 'error', server: { port: 0 } });
  await server.listen();
  const { page, complaints } = await browser.openPage(
    present(server.resolvedUrls?.local[0], 'URL'),
  );
  await openModel(page, TINY);

  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
  await server.close();
  await rm(cacheDir, { recursive: true, force: true });
});

test('a newer version waits until the person takes it, and only then reloads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offgrid-dist-'));
  await cp('dist', folder, { recursive: true });
  const own = await servePage({ folder });
  const { page } = await browser.openPage(own.origin);
  await untilKept(page);
  await page.evaluate(() => (document.body.dataset['mark'] = 'not reloaded'));

  await publishNewer(folder);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const take = page.getByRole('button', { name: 'Reload with it' });
  await take.waitFor();

  expect(await page.evaluate(() => document.body.dataset['mark'])).toBe('not reloaded');
  await page.reload();
  const edition = () => page.evaluate(() => document.documentElement.dataset['edition']);
  expect(await edition()).toBeUndefined();
  await take.click();
  await page.waitForFunction(() => document.documentElement.dataset['edition'] === 'newer');
  await page.close();
  await own.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Marks a built page as another one, and changes what its service worker says about it. */
async function publishNewer(folder: string): Promise<void> {
  const edit = async (name: string, from: RegExp, to: string) => {
    const before = await readFile(join(folder, name), 'utf8');
    const after = before.replace(from, to);
    expect(after, name).not.toBe(before);
    await writeFile(join(folder, name), after);
  };
  await edit('index.html', /<html /, '<html data-edition="newer" ');
  await edit(
    'service.worker.js',
    /"revision":"\w+","url":"index.html"/,
    '"revision":"newer","url":"index.html"',
  );
  await sealAgain(folder);
}

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
    await expect.poll(() => page.locator('#app').innerText(), PATIENT).not.toBe('');
    // What the host offers beside the page is asked for, in vain; browsers write that down.
    expect(complaints.filter((line) => !/(models\/index|policy)\.json/.test(line))).toEqual([]);
    await page.close();
  });
});
