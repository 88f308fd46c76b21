/**
 * The GPU's runtime in the built page: fetched when a model first needs it, then kept. On the build for browsers that cannot
 * suspend WebAssembly, which comes compressed; the adapter is software, so the person has to choose it.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, untilKept, type TestBrowser, type TestPage } from '../support/browser.ts';
import { answerGreedily, ask, openModel } from '../support/chat.ts';
import { sealAgain } from '../support/seal-again.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
/** Compiling shaders on a busy CPU takes a while; nothing here measures how long. */
const LONG_MS = 300_000;

let folder: string;
let site: ServedPage;
let browser: TestBrowser;
let opened: TestPage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-dist-'));
  await cp('dist', folder, { recursive: true });
  await forgetSuspending(join(folder, 'workers/inference'));
  await sealAgain(folder);
  site = await servePage({ folder });
  browser = await launchBrowser({ gpu: 'software' });
  opened = await browser.openPage(site.origin);
  await opened.page.setViewportSize({ width: 1440, height: 900 });
  await untilKept(opened.page);
}, LONG_MS);

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As in a browser that came before it: the worker begins without it. */
async function forgetSuspending(workerFolder: string): Promise<void> {
  for (const name of await readdir(workerFolder)) {
    const script = await readFile(join(workerFolder, name), 'utf8');
    const before = `Reflect.deleteProperty(WebAssembly, 'Suspending');\n`;
    await writeFile(join(workerFolder, name), before + script);
  }
}

const runtimeFiles = ({ requests }: TestPage) => {
  const urls = requests.filter((url) => /\.(jspi|asyncify)\./.test(url));
  return [...new Set(urls.map((url) => url.replace(/.*\//, '')))];
};

const untilOnGpu = (page: Page) =>
  page
    .locator('.app__panel dd')
    .filter({ hasText: /^GPU, 32 bits$/ })
    .waitFor({ timeout: LONG_MS });

test(
  'is not asked for by who runs on the CPU',
  async () => {
    await openModel(opened.page, TINY, LONG_MS);

    expect(runtimeFiles(opened)).toEqual([]);
  },
  LONG_MS,
);

test(
  'comes when the GPU is chosen, and the model answers there',
  async () => {
    const { page } = opened;
    await answerGreedily(page, 8);
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByRole('radio', { name: 'GPU, 32 bits', exact: true }).check();
    await page.getByRole('button', { name: 'Load the model again' }).click();
    await untilOnGpu(page);

    const { text } = await ask(page, 'What is the capital of France?', LONG_MS);

    expect(text).not.toBe('');
    expect(runtimeFiles(opened).toSorted()).toEqual([
      'ort-wasm-simd-threaded.asyncify.mjs',
      'ort-wasm-simd-threaded.asyncify.wasm.gz',
    ]);
  },
  LONG_MS,
);

test(
  'is there without a network from then on',
  async () => {
    const { page } = opened;
    await site.stop();
    await page.reload();
    await untilOnGpu(page);

    const { text } = await ask(page, 'What is the capital of France?', LONG_MS);

    expect(text).not.toBe('');
  },
  LONG_MS,
);
