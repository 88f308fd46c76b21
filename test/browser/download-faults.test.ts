/**
 * What hosts, networks, disks and browsers do to a download, each in a real browser against a real server: never a
 * broken model accepted, never a good byte thrown away.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DownloadProgress, WantedFile } from '../../src/contract/download.ts';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import {
  idOf,
  publish,
  serveDownloadPage,
  wantedFile,
  type DownloadPage,
} from '../support/download-page.ts';
import { inEnglish } from '../support/failure-of.ts';
import { ModelHost } from '../support/model-host.ts';
import type { DownloadResult } from './pages/downloads.ts';

/** Slow enough to do something in the middle of it. */
const BYTES_PER_SECOND = 8e6;

let body: Uint8Array;
/** The same with other bytes behind the header: a file of another hash that could be run as well. */
let otherBody: Uint8Array;
let host: ModelHost;
let site: DownloadPage;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  body = await modelOf(8 * CHUNK_BYTES + 4321, 1);
  otherBody = await modelOf(body.byteLength, 2);
  host = new ModelHost(body);
  site = await serveDownloadPage(host, publish(body));
  browser = await launchBrowser();
  page = await openPage();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

beforeEach(() => host.reset());

afterEach(async () => {
  host.cut();
  await page.evaluate(() => window.downloads?.clear());
});

test('a connection that is cut at 37 %, and then a reload: it goes on, and no byte comes twice', async () => {
  const large = await modelOf(32 * CHUNK_BYTES, 3);
  const cutAt = Math.floor(large.byteLength * 0.37);
  host.manner = ({ index }) => ({
    bytes: large,
    ...(index === 0 ? { stallAfterBytes: cutAt } : {}),
    ...(index === 1 ? { status: 503, headers: { 'retry-after': '60' } } : {}),
  });
  void get(page, wantedFile(site, large));
  await cutOnceCame(cutAt);
  await until(() => host.served.length > 1);

  await page.reload();
  const { outcome } = await get(page, wantedFile(site, large));

  expect(outcome).toEqual({ type: 'stored', id: idOf(large) });
  expect(await stored(page)).toEqual({ [idOf(large)]: idOf(large) });
  expect(bytesOfModel()).toBe(large.byteLength);
});

test('a network that is gone for a while: it tries again, and goes on', async () => {
  const goneAt = 2 * CHUNK_BYTES + 4321;
  let isGone = false;
  host.manner = ({ index }) => ({
    ...(index === 0 ? { stallAfterBytes: goneAt } : {}),
    ...(isGone ? { cutAfterBytes: 0 } : {}),
  });
  const coming = get(page, wanted());
  await until(() => host.served.length > 0);

  isGone = true;
  await cutOnceCame(goneAt);
  await until(() => host.served.length > 2);
  isGone = false;

  expect((await coming).outcome).toMatchObject({ type: 'stored' });
  expect(bytesOfModel()).toBe(body.byteLength);
});

test('a bit that flips on the way: its chunk is fetched again, and nothing else', async () => {
  host.manner = ({ index }) => (index === 0 ? { bytes: flipped(body, 5 * CHUNK_BYTES) } : {});

  const { outcome } = await get(page, wanted());

  expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.served.map(({ range }) => range)).toEqual([
    { from: 0, end: body.byteLength },
    { from: 5 * CHUNK_BYTES, end: 6 * CHUNK_BYTES },
  ]);
});

test('a bit that flips on disk: its chunk is fetched again, and nothing else', async () => {
  host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: 6 * CHUNK_BYTES } : {});
  const first = get(page, wanted());
  await until(async () => (await progressOf(page)).at(-1)?.doneBytes === 6 * CHUNK_BYTES);
  await page.evaluate(() => window.downloads?.stop('pause'));
  expect((await first).outcome).toEqual({ type: 'paused' });

  await page.evaluate(([path, at]) => window.downloads?.flip(path, at), [
    `store/downloads/${idOf(body)}/model.part`,
    2 * CHUNK_BYTES + 17,
  ] as const);
  const { outcome } = await get(page, wanted());

  expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.served.slice(1).map(({ range }) => range)).toEqual([
    { from: 2 * CHUNK_BYTES, end: 3 * CHUNK_BYTES },
    { from: 6 * CHUNK_BYTES, end: body.byteLength },
  ]);
});

test('a page with HTTP 200 is not the model', async () => {
  host.manner = () => ({ bytes: new TextEncoder().encode('<!doctype html>'.padEnd(body.length)) });

  const { error } = await get(page, wanted());

  expect(error).toMatchObject({ code: 'html-not-model' });
  expect(await stored(page)).toEqual({});
  expect(host.served).toHaveLength(1);
});

test('HTTP 404 says so, and leaves nothing', async () => {
  host.manner = () => ({ status: 404 });

  const { error } = await get(page, wanted());

  expect(error && inEnglish(error)).toMatch(/does not have this file/);
  expect(await page.evaluate(() => window.downloads?.unfinished())).toEqual([]);
});

test('HTTP 404 at the first address: the second has it', async () => {
  host.manner = ({ path }) => (path.startsWith('/models/') ? { status: 404 } : {});

  const { outcome } = await get(
    page,
    wantedFile(site, body, ['/models/model.gguf', '/mirror/model.gguf']),
  );

  expect(outcome).toMatchObject({ type: 'stored' });
});

test.each([429, 503])('HTTP %i with Retry-After: it waits as long, and goes on', async (status) => {
  host.manner = ({ index }) => (index === 0 ? { status, headers: { 'retry-after': '2' } } : {});
  const startedMs = performance.now();

  const { outcome } = await get(page, wanted());

  expect(outcome).toMatchObject({ type: 'stored' });
  expect(performance.now() - startedMs).toBeGreaterThan(1_900);
  expect(host.served).toHaveLength(2);
  const waits = (await progressOf(page)).map(({ wait }) => wait?.reason);
  expect(waits).toContain('asked-to');
});

test('a host that falls silent is asked again where it stopped', async () => {
  const stallAt = 3 * CHUNK_BYTES + 99;
  host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: stallAt } : {});

  const { outcome } = await get(page, wanted());

  expect(outcome).toMatchObject({ type: 'stored' });
  expect(host.served[1]?.range?.from).toBe(stallAt);
});

test('HTTP 416 for a file that it has: all of it is asked for, and only what was missing is taken', async () => {
  host.manner = ({ index, range }) => {
    if (index === 0) return { cutAfterBytes: 5 * CHUNK_BYTES };
    return range === null ? {} : { status: 416 };
  };

  const { outcome } = await get(page, wanted());

  expect(outcome).toMatchObject({ type: 'stored' });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
});

test('a host without ranges sends all of it again after a cut, and it is the model', async () => {
  host.manner = ({ index }) => ({
    sendsParts: false,
    ...(index === 0 ? { cutAfterBytes: 5 * CHUNK_BYTES } : {}),
  });

  const { outcome } = await get(page, wanted());

  expect(outcome).toMatchObject({ type: 'stored' });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
});

test('an ETag that changes midway: of a file with a published hash, what came is kept', async () => {
  host.manner = ({ index }) =>
    index === 0 ? { stallAfterBytes: 5 * CHUNK_BYTES, etag: '"one"' } : { etag: '"two"' };

  const coming = get(page, wanted());
  await cutOnceCame(5 * CHUNK_BYTES);

  expect((await coming).outcome).toMatchObject({ type: 'stored' });
  expect(bytesOfModel()).toBe(body.byteLength);
});

test('an ETag that changes midway: a file that nobody published is begun anew', async () => {
  host.manner = ({ index }) =>
    index <= 1 // a look at its headers, and the first attempt
      ? {
          bytes: otherBody,
          bytesPerSecond: BYTES_PER_SECOND,
          cutAfterBytes: 5 * CHUNK_BYTES,
          etag: '"one"',
        }
      : { etag: '"two"' };

  const { outcome } = await get(page, { ...wanted(), expected: null });

  expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.served[2]?.headers['if-range']).toBe('"one"');
});

test.each([
  ['more than', 1000],
  ['less than', -1000],
])('a Content-Length of %s the file is refused, and nothing is kept', async (_name, difference) => {
  const length = String(body.byteLength + difference);
  host.manner = () => ({ sendsParts: false, headers: { 'content-length': length } });

  const { error } = await get(page, wanted());

  expect(error).toMatchObject({ code: 'length-mismatch' });
  expect(await stored(page)).toEqual({});
});

test('a body that is compressed on the way is the model once it is unpacked', async () => {
  host.manner = () => ({ sendsParts: false, isCompressed: true });

  const { outcome } = await get(page, wanted());

  expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
});

test('another file of the same length is refused, and nothing is kept', async () => {
  host.manner = () => ({ bytes: otherBody });

  const { error } = await get(page, wanted());

  expect(error).toMatchObject({ code: 'checksum-mismatch' });
  expect(await stored(page)).toEqual({});
  expect(host.sentBytes).toBeLessThan(body.byteLength * 2);
});

test('two tabs at once: one fetches, both see it come', async () => {
  const half = 4 * CHUNK_BYTES;
  host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: half } : {});
  const second = await openPage();
  const outcomes = [get(page, wanted())];
  await until(() => host.served.length > 0);

  outcomes.push(get(second, wanted()));
  await cutOnceCame(half, second);

  for (const { outcome } of await Promise.all(outcomes)) {
    expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  }
  expect(bytesOfModel()).toBe(body.byteLength);
  await second.close();
});

test('two tabs, and the one that fetches is closed: the other goes on', async () => {
  host.manner = () => ({ bytesPerSecond: BYTES_PER_SECOND });
  const second = await openPage();
  void get(second, wanted());
  await until(() => host.sentBytes > 3 * CHUNK_BYTES);
  const then = get(page, wanted());

  await second.close();

  expect((await then).outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.sentBytes).toBeLessThanOrEqual(body.byteLength + 2 * CHUNK_BYTES);
});

test('room for half of it: the bytes that are needed are named before any comes', async () => {
  const { allow, lift } = await quota();
  await allow(body.byteLength / 2);

  const { error } = await get(page, wanted());

  expect(error).toMatchObject({ code: 'storage-full' });
  expect(error && inEnglish(error)).toMatch(/needs about \d+ MB/);
  expect(host.served).toEqual([]);
  await lift();
  expect((await get(page, wanted())).outcome).toMatchObject({ type: 'stored' });
});

test('room that shrinks to half of it midway: what has its room comes whole', async () => {
  const { allow, lift } = await quota();
  host.manner = () => ({ bytesPerSecond: BYTES_PER_SECOND });
  const coming = get(page, wanted());
  await until(() => host.sentBytes > body.byteLength / 3);

  await allow(body.byteLength / 2);
  const { outcome, error } = await coming;
  await lift();

  if (error !== null) expect(inEnglish(error)).toMatch(/needs about \d+ MB/);
  const then = outcome ?? (await get(page, wanted())).outcome;
  expect(then).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.sentBytes).toBeLessThanOrEqual(body.byteLength + 2 * CHUNK_BYTES);
});

test('a store that is deleted under the page: what is being written stays, what is gone comes anew', async () => {
  host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: 4 * CHUNK_BYTES } : {});
  const first = get(page, wanted());
  await until(async () => (await progressOf(page)).at(-1)?.doneBytes === 4 * CHUNK_BYTES);

  const whileBusy = await page.evaluate(() => window.downloads?.deleteStore());
  await page.evaluate(() => window.downloads?.stop('pause'));
  const paused = await first;
  const whileIdle = await page.evaluate(() => window.downloads?.deleteStore());
  const { outcome } = await get(page, wanted());

  expect([whileBusy, whileIdle]).toEqual(['NoModificationAllowedError', null]);
  expect(paused.outcome).toEqual({ type: 'paused' });
  expect(outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(await stored(page)).toEqual({ [idOf(body)]: idOf(body) });
  expect(host.served[1]?.range?.from).toBe(0);
});

test('the host is told neither where the page is nor who asks', async () => {
  await page.context().addCookies([{ name: 'secret', value: '1', url: site.origin }]);

  await get(page, wanted());

  expect(host.served[0]?.headers).not.toHaveProperty('referer');
  expect(host.served[0]?.headers).not.toHaveProperty('cookie');
});

/**
 * Breaks the connection when a page was told that so many bytes came, all that the host sends. A browser drops what it was
 * still passing on when a connection breaks, so of one that breaks at any moment nobody can say what was lost where.
 */
async function cutOnceCame(doneBytes: number, seenBy = page): Promise<void> {
  await until(async () => (await progressOf(seenBy)).at(-1)?.doneBytes === doneBytes);
  host.cut();
}

/** What the host sent of models, pages that say no left out. */
function bytesOfModel(): number {
  return host.served
    .filter(({ status }) => status < 300)
    .reduce((sum, { sentBytes }) => sum + sentBytes, 0);
}

function wanted(): WantedFile {
  return wantedFile(site, body);
}

/** What the browser gives this origin; its own estimate does not tell. */
async function quota() {
  const devtools = await browser.context.newCDPSession(page);
  const { origin } = site;
  return {
    allow: (quotaSize: number) =>
      devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize }),
    lift: async () => {
      await devtools.send('Storage.overrideQuotaForOrigin', { origin });
      await devtools.detach();
    },
  };
}

async function openPage(): Promise<Page> {
  const { page } = await browser.openPage(site.url);
  await page.waitForFunction(() => window.downloads !== undefined);
  return page;
}

async function get(from: Page, file: WantedFile): Promise<DownloadResult> {
  await from.waitForFunction(() => window.downloads !== undefined);
  const result = await from
    .evaluate((file) => window.downloads?.get(file), file)
    .catch(() => undefined); // the page went away, as the test wants it
  return result ?? { outcome: null, error: null };
}

async function progressOf(from: Page): Promise<readonly DownloadProgress[]> {
  return (await from.evaluate(() => window.downloads?.progress())) ?? [];
}

async function stored(from: Page): Promise<Readonly<Record<string, string>>> {
  return (await from.evaluate(() => window.downloads?.stored())) ?? {};
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The tiny model with noise behind it: one that can be inspected, and that is as long as one likes. */
async function modelOf(length: number, seed: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.set(await readFile('test/golden/tiny-qwen2.gguf'));
  return bytes;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
}
