/**
 * The built page on an ordinary host: in a folder of a site, with none of the headers that it asks for. The service
 * worker supplies them.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, untilKept, type TestBrowser, type TestPage } from '../support/browser.ts';
import { openModel, untilGuideIsReady, workerOf } from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { servePlainly, type PlainHost } from '../support/plain-host.ts';
import { tryToFetch } from '../support/try-to-fetch.ts';

const STRANGER = 'https://stranger.example/';

let host: PlainHost;
let browser: TestBrowser;
let opened: TestPage;

beforeAll(async () => {
  host = await servePlainly('dist', '/some/folder/');
  browser = await launchBrowser();
  await browser.context.addInitScript(waitLongForServiceWorker);
  opened = await browser.openPage(host.url);
  await untilGuideIsReady(opened.page);
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

/** A busy machine may take longer for it than a page waits, which then begins without. */
function waitLongForServiceWorker(): void {
  const wait = window.setTimeout.bind(window);
  const patienceMs = 5_000; // pwa/become-isolated.ts
  Reflect.set(window, 'setTimeout', (task: () => void, ms?: number) =>
    wait(task, ms === patienceMs ? 60_000 : ms),
  );
}

/** There is no list of served files, and the one reload cuts off the browser's own fetch of the icon. */
const EXPECTED = /models\/index\.json|trying to use the following icon/;

test('is isolated after one reload, and a model runs on threads', async () => {
  const { page, complaints } = opened;
  const loads = host.asked.filter((path) => path === '/some/folder/').length;
  const started: string[] = [];
  page.on('worker', (worker) => started.push(worker.url()));
  await openModel(page, 'test/golden/tiny-qwen2.gguf');
  const threads = () => started.filter((url) => url.includes('/kernel-thread/'));

  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(() => performance.getEntriesByType('navigation')[0])).toMatchObject({
    type: 'reload',
  });
  expect(loads).toBe(2);
  await expect.poll(() => threads().length, PATIENT).toBeGreaterThan(0);
  expect(complaints.filter((line) => !EXPECTED.test(line))).toEqual([]);
});

test.each(['page', 'inference'] as const)('binds the %s by its policy there too', async (name) => {
  const from = name === 'page' ? opened.page : await workerOf(opened.page, name);

  const { refused } = await tryToFetch(from, STRANGER);

  expect(refused).toEqual([STRANGER]);
  expect(browser.attempts()).toEqual([]);
});

test('binds the page by an element before the service worker is there', async () => {
  const unserved = await launchBrowser({ hasServiceWorker: false });
  const { page } = await unserved.openPage(host.url);

  const { refused } = await tryToFetch(page, STRANGER);
  await untilGuideIsReady(page);

  expect(refused).toEqual([STRANGER]);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false); // and it works, on one thread
  await unserved.close();
});

test('takes the packed runtime as the host unpacked it, and no other file in its place', async () => {
  const { page } = opened;
  await untilKept(page);
  const files = readdirSync('dist/ort', { recursive: true, encoding: 'utf8' });
  const path = files.find((name) => name.endsWith('.gz')) ?? '';
  const name = basename(path);
  const get = () =>
    page.evaluate(
      (path) =>
        fetch(path).then(
          async (response) => (await response.arrayBuffer()).byteLength,
          (error: Error) => error.name,
        ),
      `ort/${path}`,
    );

  host.changed.add(name);
  const changed = await get();
  host.changed.delete(name);
  const whole = await get();

  expect(changed).toBe('TypeError');
  expect(whole).toBe(gunzipSync(await readFile(`dist/ort/${path}`)).byteLength);
});

test('opens without the network, isolated', async () => {
  await untilKept(opened.page);
  await host.stop();
  await opened.page.reload();
  const ready = opened.page.getByRole('status').filter({ hasText: /^Tiny .* is ready/ });
  await ready.first().waitFor({ state: 'attached' });

  expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(true);
});
