/** What a person does about the models on this device, from the first byte on: in the real page, on the real disk. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { closeSheet } from '../support/chat.ts';
import { ModelHost } from '../support/model-host.ts';
import { PATIENT } from '../support/patient.ts';
import type { ServedPage } from '../support/serve-page.ts';
import { serveWithHost } from '../support/serve-with-host.ts';

const LONG_MS = 60_000;
const ADDRESS = './models/by-hand.gguf';

let body: Uint8Array;
let id: string;
let host: ModelHost;
let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let folder: string;

beforeAll(async () => {
  body = new Uint8Array(6 * CHUNK_BYTES + 77).map((_, at) => (at * 2_654_435_761) >>> 13);
  body.set(await readFile('test/golden/tiny-qwen2.gguf')); // what comes behind the weights is noise to it
  id = createHash('sha256').update(body).digest('hex');
  host = new ModelHost(body);
  site = await serveWithHost(host);
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'offgrid-saved-'));
  ({ page } = await browser.openPage(site.origin));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('before the first byte the page says what a model takes, and whether it fits', async () => {
  const offer = page.getByRole('region', { name: 'A larger model to get' });

  await expect
    .poll(() => offer.innerText(), { timeout: LONG_MS })
    .toMatch(/491 MB once.*(Fits|Tight|Will not fit): .*(room|memory)/s);
  expect(host.served).toEqual([]);
});

test('an address that is none is refused where it was typed', async () => {
  await openSheet();

  await typeAddress('https://example.org/model.gguf');

  expect(await page.getByRole('alert').innerText()).toMatch(/Hugging Face.* only/);
  await closeSheet(page);
});

test('of a repository on Hugging Face the models are listed to choose from', async () => {
  const asked: string[] = [];
  await browser.context.route('https://huggingface.co/**', async (route) => {
    asked.push(route.request().url());
    await route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      json: [
        { type: 'file', path: 'README.md', size: 100 },
        { type: 'file', path: 'qwen2.5-0.5b-instruct-q8_0.gguf', size: 676_000_000 },
        { type: 'file', path: 'qwen2.5-0.5b-instruct-q4_k_m.gguf', size: 491_400_032 },
      ],
    });
  });
  await openSheet();

  await typeAddress('Qwen/Qwen2.5-0.5B-Instruct-GGUF');
  const files = page.getByRole('region', { name: 'Models in Qwen/Qwen2.5-0.5B-Instruct-GGUF' });
  await files.waitFor({ timeout: LONG_MS });

  expect(await files.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/q4_k_m\.gguf\s+491 MB\s+Get/),
    expect.stringMatching(/q8_0\.gguf\s+676 MB\s+Get/),
  ]);
  expect(asked).toEqual([
    'https://huggingface.co/api/models/Qwen/Qwen2.5-0.5B-Instruct-GGUF/tree/main?recursive=true',
  ]);
  await browser.context.unroute('https://huggingface.co/**');
  await closeSheet(page);
});

test(
  'a model named by its address shows in another tab too, can be paused, is offered after a reload, and goes on from there',
  async () => {
    host.manner = ({ method }) => (method === 'HEAD' ? {} : { stallAfterBytes: 4 * CHUNK_BYTES });
    await openSheet();
    await typeAddress(ADDRESS);
    const coming = page.getByRole('region', { name: 'Getting by-hand.gguf ready' });
    await expect.poll(() => coming.innerText(), { timeout: LONG_MS }).toMatch(/4 of 6 MB/);
    const { page: other } = await browser.openPage(site.origin);
    const seen = other.getByRole('region', { name: 'Getting by-hand.gguf ready' });
    await expect.poll(() => seen.innerText(), { timeout: LONG_MS }).toMatch(/4 of 6 MB/);
    await coming.getByRole('button', { name: 'Pause' }).click();
    await offer().waitFor();
    await other.getByRole('button', { name: 'Continue' }).first().waitFor({ timeout: LONG_MS });
    await other.close();
    await page.reload();
    await offer().waitFor({ timeout: LONG_MS });
    const offered = await offer().innerText();

    host.reset();
    await offer().getByRole('button', { name: 'Continue' }).click();
    await untilReady();

    expect(offered).toMatch(/4 of 6 MB are here/);
    expect(fetched()).toEqual([{ from: 4 * CHUNK_BYTES, end: body.byteLength }]);
  },
  2 * LONG_MS,
);

test('what lies here tells its size, its source, who vouches for it, and when it was checked', async () => {
  await openSheet();

  const row = storedRow();
  await expect
    .poll(() => row.innerText(), PATIENT)
    .toMatch(
      /MB · from this site · SHA-256 recorded here at first sight\s+Every byte checked \w+ \d+, \d+\./,
    );
  await row.getByText('Details').click();
  await expect.poll(() => row.innerText(), PATIENT).toContain(id);
});

test(
  'a flipped bit on disk is found by checking again, and its chunk alone is fetched for the repair',
  async () => {
    await flipOnDisk(2 * CHUNK_BYTES + 5);

    await storedRow()
      .getByRole('button', { name: /^Check .* again$/ })
      .click();
    const alert = storedRow().getByRole('alert');
    await alert.waitFor({ timeout: LONG_MS });
    const found = await alert.innerText();
    host.reset();
    await alert.getByRole('button', { name: 'Repair' }).click();
    await storedRow().getByRole('status').waitFor({ timeout: LONG_MS });

    expect(found).toMatch(/damaged; a repair fetches 1 MB again/);
    expect(fetched()).toEqual([{ from: 2 * CHUNK_BYTES, end: 3 * CHUNK_BYTES }]);
    expect(await hashOnDisk()).toBe(id);
  },
  LONG_MS,
);

test(
  'a model is saved as it is prepared, and opened from that file where it is not, without preparing it',
  async () => {
    const row = storedRow();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('button', { name: /^Save .* with what is prepared of it$/ }).click(),
    ]);
    const path = join(folder, saved.suggestedFilename());
    await saved.saveAs(path);
    await row.getByRole('button', { name: /^Delete / }).click();
    await row.getByRole('button', { name: /^Delete / }).click();
    await row.waitFor({ state: 'detached' });
    host.reset();
    await page.getByTestId('open-file').setInputFiles(path);
    await untilReady();
    await openSheet();
    await row.getByText('Details').click();

    expect(saved.suggestedFilename()).toBe('by-hand.offgrid');
    await expect.poll(() => row.innerText(), PATIENT).toMatch(/from a file.*on another device/s);
    expect(await hashOnDisk()).toBe(id);
    expect(host.served).toEqual([]);
  },
  LONG_MS,
);

test('a download that is cancelled asks first, and leaves nothing', async () => {
  host.reset();
  host.manner = ({ method }) =>
    method === 'HEAD' ? {} : { bytes: body.map((byte) => byte ^ 1), stallAfterBytes: CHUNK_BYTES };
  await typeAddress('./models/other.gguf');
  const coming = page.getByRole('region', { name: 'Getting other.gguf ready' });
  await expect.poll(() => coming.innerText(), { timeout: LONG_MS }).toMatch(/1 of 6 MB/);

  await coming.getByRole('button', { name: 'Cancel' }).click();
  await coming.getByRole('button', { name: 'Go on' }).click();
  await coming.getByRole('button', { name: 'Cancel' }).click();
  await coming.getByRole('button', { name: /Cancel, delete 1 MB/ }).click();
  await coming.waitFor({ state: 'detached' });

  expect(await page.getByRole('region', { name: /^Unfinished/ }).count()).toBe(0);
});

async function openSheet(): Promise<void> {
  await page.getByRole('button', { name: /^Model: / }).click();
}

async function typeAddress(text: string): Promise<void> {
  await page.getByLabel('Add another model').fill(text);
  await page.getByRole('button', { name: 'Get the model at this address' }).click();
}

function offer() {
  return page.getByRole('region', { name: 'Unfinished download of by-hand.gguf' });
}

function storedRow() {
  return page.getByRole('listitem').filter({ hasText: 'Details' });
}

/** The ranges that were asked for, a look at the headers left aside. */
function fetched() {
  return host.served.filter(({ method }) => method === 'GET').map(({ range }) => range);
}

async function untilReady(): Promise<void> {
  const ready = page.getByRole('status').filter({ hasText: /^(?!Guide ).* is ready/ });
  await ready.first().waitFor({ timeout: LONG_MS, state: 'attached' });
}

/** As a bad disk does. */
function flipOnDisk(at: number): Promise<void> {
  return page.evaluate(
    async ([id, at]) => {
      const root = await navigator.storage.getDirectory();
      const sources = await (await root.getDirectoryHandle('store')).getDirectoryHandle('sources');
      const file = await (await sources.getDirectoryHandle(id)).getFileHandle('model.gguf');
      const byte = new Uint8Array(await (await file.getFile()).slice(at, at + 1).arrayBuffer());
      const writer = await file.createWritable({ keepExistingData: true });
      await writer.write({ type: 'write', position: at, data: byte.map((value) => value ^ 8) });
      await writer.close();
    },
    [id, at] as const,
  );
}

function hashOnDisk(): Promise<string> {
  return page.evaluate(async (id) => {
    const root = await navigator.storage.getDirectory();
    const sources = await (await root.getDirectoryHandle('store')).getDirectoryHandle('sources');
    const file = await (await sources.getDirectoryHandle(id)).getFileHandle('model.gguf');
    const bytes = await (await file.getFile()).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, id);
}
