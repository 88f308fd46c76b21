/** Our own kernels in a real browser, as a person meets them: which engine answers, and what happens when it cannot. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  closeSheet,
  dismissFailure,
  openModel,
  startAsking,
} from '../support/chat.ts';
import {
  injectFaults,
  noRelaxedSimd,
  noSharedMemory,
  threadsDieInMidAnswer,
} from '../support/inference-faults.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const QUESTION = 'What is the capital of France?';

let site: ServedPage;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser({ hasServiceWorker: false }); // every file comes from the site, where a test can change it
  page = await visit();
  await openModel(page, TINY);
  await answerGreedily(page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

afterEach(() => injectFaults(browser.context, []));

/** The page anew, with what is on the device. */
async function visit(): Promise<Page> {
  for (const before of browser.context.pages().slice(1)) await before.close();
  const { page } = await browser.openPage('about:blank');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(site.origin);
  return page;
}

const untilReady = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^(?!Guide ).* is ready/ })
    .first()
    .waitFor({ state: 'attached' });

/** A fact of the statistics beside the conversation. */
const fact = (page: Page, name: string) =>
  page.locator('.app__panel dt', { hasText: name }).first().locator('+ dd').innerText();

const alertWith = (page: Page, text: RegExp) => page.getByRole('alert').filter({ hasText: text });

describe('a model on the CPU', () => {
  test('runs on our own kernels, and the statistics name engine and build', async () => {
    const answer = await ask(page, QUESTION);

    expect(answer.text.length).toBeGreaterThan(0);
    expect(await fact(page, 'Runs on')).toBe('CPU');
    expect(await fact(page, 'Runtime build')).toBe('own kernels, relaxed SIMD');
    await expect
      .poll(() => page.locator('.app__panel').innerText(), PATIENT)
      .toMatch(/4 of 4 tokens alike/);
  });

  test('needs no other form than the file itself', async () => {
    const files = await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const store = await root.getDirectoryHandle('store');
      const compiled = await store.getDirectoryHandle('compiled');
      const sizes: number[] = [];
      for await (const folder of compiled.values()) {
        if (folder.kind === 'file') continue;
        for await (const file of folder.values()) {
          if (file.kind === 'file') sizes.push((await file.getFile()).size);
        }
      }
      return sizes;
    });

    expect(Math.max(...files)).toBeLessThan(2_000_000); // tokenizers and the run system prompt, no weights
  });

  test('answers the same without relaxed SIMD, and finds the system prompt run at the next visit', async () => {
    const first = await ask(page, 'And of Italy?');
    await injectFaults(browser.context, [noRelaxedSimd]);
    page = await visit();
    await untilReady(page);

    const again = await ask(page, QUESTION);
    const second = await ask(page, 'And of Italy?');

    expect(await fact(page, 'Runtime build')).toBe('own kernels, plain SIMD');
    expect(second.text).toBe(first.text);
    expect(parseInt(again.figures['of them from the cache'] ?? '0', 10)).toBeGreaterThan(5);
  });

  test('a person may choose ONNX Runtime for it', async () => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByRole('radio', { name: 'CPU, ONNX Runtime', exact: true }).click();
    await closeSheet(page);
    page = await visit();
    await untilReady(page);
    const runsOn = await fact(page, 'Runs on');
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByRole('radio', { name: 'Automatic', exact: true }).click();
    await closeSheet(page);

    expect(runsOn).toBe('CPU, ONNX Runtime');
  });
});

describe('what goes wrong', () => {
  test('a thread that dies ends the answer, and the engine starts again where it was', async () => {
    await injectFaults(browser.context, [threadsDieInMidAnswer]);
    page = await visit();
    await untilReady(page);
    await injectFaults(browser.context, []);
    await answerGreedily(page, 40);

    await startAsking(page, QUESTION);
    await page.getByRole('button', { name: 'Continue' }).click();
    const whole = page.locator('article.answer:not([aria-busy])').last();
    await whole.locator('summary', { hasText: /continued after [1-9]/ }).waitFor();

    expect(await fact(page, 'Runs on')).toBe('CPU');
    await answerGreedily(page);
    expect((await ask(page, 'And of Italy?')).text.length).toBeGreaterThan(0);
  });

  test('memory that cannot be had is a sentence', async () => {
    await injectFaults(browser.context, [noSharedMemory]);
    page = await visit();

    await alertWith(page, /did not give the page enough memory/).waitFor();
  });

  test('a file that changed since it was verified is refused before it answers', async () => {
    await changeSources();
    page = await visit();

    await alertWith(page, /The model file on this device is damaged/).waitFor();

    await dismissFailure(page);
    await openModel(page, TINY);
    expect((await ask(page, QUESTION)).text.length).toBeGreaterThan(0);
  });
});

/** Flips a bit in the middle of every model file on the device. */
async function changeSources(): Promise<void> {
  const { page } = await browser.openPage(`${site.origin}/manifest.webmanifest`);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('store');
    const sources = await store.getDirectoryHandle('sources');
    for await (const folder of sources.values()) {
      if (folder.kind === 'file') continue;
      const handle = await folder.getFileHandle('model.gguf');
      const file = await handle.getFile();
      const middle = file.size >> 1;
      const [byte = 0] = new Uint8Array(await file.slice(middle, middle + 1).arrayBuffer());
      const writer = await handle.createWritable({ keepExistingData: true });
      await writer.write({ type: 'write', position: middle, data: new Uint8Array([byte ^ 1]) });
      await writer.close();
    }
  });
  await page.close();
}
