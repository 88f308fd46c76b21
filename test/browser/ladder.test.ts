/**
 * The ladder in a real browser, driven down by injected faults: each way ends in an answer. WebGPU is SwiftShader's,
 * which has no `shader-f16` and takes itself for a GPU where a test wants the page to try it.
 */
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  chooseFile,
  closeSheet,
  dieInMidAnswer,
  openModel,
  startAsking,
  workerOf,
} from '../support/chat.ts';
import { forgetModels } from '../support/forget-models.ts';
import {
  deviceNeverComes,
  injectFaults,
  keepsDevices,
  liesAboutF16,
  noAdapter,
  noDevice,
  noWebGpu,
  passesAsGpu,
  weightsNeverCome,
  type Fault,
} from '../support/inference-faults.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const QUESTION = 'What is the capital of France?';
const TOKENS = 24;
/** The page ends an engine that has been silent for a minute. */
const PAST_SILENCE_MS = 61_000;

/** Compiling shaders on a busy CPU takes a while; nothing here measures how long. */
const LONG_MS = 300_000;

const site = await servePage();
const browser = await launchBrowser({ gpu: 'software', hasServiceWorker: false });
const hasAdapter = await hasSoftwareAdapter();
/** What the CPU answers. A GPU rounds otherwise, and the tiny model is random: its answer may be another. */
let cpuAnswer: string;

/** A first visit, by a browser without WebGPU. */
beforeAll(async () => {
  const page = await openWith([noWebGpu]);
  await openModel(page, TINY);
  await answerGreedily(page, TOKENS);
  cpuAnswer = (await ask(page, QUESTION)).text;
}, LONG_MS);

afterAll(async () => {
  await browser.close();
  await site.stop();
});

async function hasSoftwareAdapter(): Promise<boolean> {
  const { page } = await browser.openPage(`${site.origin}/manifest.webmanifest`);
  return page.evaluate(async () => (await navigator.gpu?.requestAdapter()) != null);
}

/** The software adapter, which the page takes for a GPU; a test can destroy its devices. */
const GPU = [passesAsGpu, keepsDevices];

/** A page on a desk, whose inference workers begin with these faults. */
async function openWith(faults: readonly Fault[]): Promise<Page> {
  await injectFaults(browser.context, faults);
  const { page } = await browser.openPage('about:blank');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(site.origin);
  return page;
}

/** The device as it was before the first visit, but for the guide. */
async function forget(): Promise<void> {
  for (const page of browser.context.pages()) await page.close();
  const page = await browser.context.newPage();
  await page.goto(`${site.origin}/manifest.webmanifest`);
  // A worker that was ended just now may still hold a file.
  await expect.poll(() => forgetModels(page), PATIENT).toBe('forgotten');
}

async function bringTiny(page: Page): Promise<void> {
  await openModel(page, TINY, LONG_MS);
  await answerGreedily(page, TOKENS);
}

/**
 * A page whose model runs on the GPU: that of the test before where it still does, since compiling its shaders takes
 * longer than all else here; otherwise one on a device that was never visited.
 */
async function pageOnGpu(): Promise<Page> {
  const left = browser.context.pages().at(-1);
  if (left !== undefined && (await rungOf(left).catch(() => '')) === 'GPU, 32 bits') return left;
  await forget();
  const page = await openWith(GPU);
  await bringTiny(page);
  return page;
}

const untilReady = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Tiny .* is ready/ })
    .first()
    .waitFor({ state: 'attached', timeout: LONG_MS });

/** As the statistics beside the conversation tell it. */
const rungOf = (page: Page) =>
  page.locator('.app__panel dt', { hasText: 'Runs on' }).locator('+ dd').innerText();

/** The sentence about steps down; empty without one. */
async function stepIn(page: Page): Promise<string> {
  const notice = page.locator('.notice--attention .notice__text');
  return (await notice.count()) === 0 ? '' : notice.first().innerText();
}

/** What the settings say of one way to run a model. */
async function settingFor(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Settings' }).first().click();
  const choice = page.getByRole('radio', { name, exact: true });
  const hint = await choice.evaluate(
    (input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent,
  );
  await closeSheet(page);
  return hint ?? '';
}

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).first().click();
  await page.getByRole('radio', { name, exact: true }).check();
  await page.getByRole('button', { name: 'Load the model again' }).click();
}

const untilRunsOn = (page: Page, rung: string) =>
  page
    .locator('.app__panel dd')
    .filter({ hasText: new RegExp(`^${rung}$`) })
    .waitFor({ timeout: LONG_MS });

/** Asks, and does something to the worker once the first words are there. Gives what was written by then. */
async function askAndHarm(page: Page, harm: (worker: Worker) => Promise<unknown>): Promise<string> {
  const worker = await workerOf(page, 'inference');
  await startAsking(page, QUESTION);
  const live = page.locator('article.answer[aria-busy] .answer__text');
  await live.filter({ hasText: /\S/ }).waitFor({ timeout: 60_000 });
  const written = await live.innerText();
  await harm(worker).catch(() => {}); // it may be gone before it can answer
  return written;
}

const killWorker = (worker: Worker) =>
  worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('killed by a test');
    });
  });

const loseDevices = (worker: Worker) =>
  worker.evaluate(() => {
    const { devices } = self as unknown as { devices: readonly GPUDevice[] };
    for (const device of devices) device.destroy();
  });

/** Lets an answer that broke off go on, to the length of one in one piece; gives all of it. */
async function goOn(page: Page, tokens = TOKENS): Promise<string> {
  await page.getByRole('button', { name: 'Continue' }).click({ timeout: LONG_MS });
  const answer = page.locator('article.answer:not([aria-busy])').last();
  const line = new RegExp(`${tokens} tokens · continued after [1-9]`);
  await answer.locator('summary', { hasText: line }).waitFor({ timeout: LONG_MS });
  return answer.locator('.answer__text').innerText();
}

describe('a device without a GPU to use, visited again', () => {
  test.each<[string, readonly Fault[], string, RegExp]>([
    ['no WebGPU', [noWebGpu], 'GPU, 32 bits', /no WebGPU/],
    ['no adapter', [noAdapter], 'GPU, 32 bits', /no graphics processor/],
    ['an adapter that is a program', [], 'GPU, 32 bits', /A program on the CPU/],
  ])('%s: the CPU answers, without a word about steps', async (_name, faults, choice, says) => {
    for (const other of browser.context.pages()) await other.close();
    const page = await openWith(faults);
    await untilReady(page);
    await answerGreedily(page, TOKENS);

    const { text } = await ask(page, QUESTION);

    expect(text).toBe(cpuAnswer);
    expect(await rungOf(page)).toBe('CPU');
    expect(await stepIn(page)).toBe('');
    expect(await settingFor(page, choice)).toMatch(says);
  });
});

describe.skipIf(!hasAdapter)('a GPU', { timeout: LONG_MS }, () => {
  test('without 16-bit floats runs in 32 bits', async () => {
    const page = await pageOnGpu();

    const { text } = await ask(page, QUESTION);

    expect(text).not.toBe('');
    expect(await rungOf(page)).toBe('GPU, 32 bits');
    expect(await stepIn(page)).toBe('');
    expect(await settingFor(page, 'GPU, 16 bits')).toMatch(/does not compute in 16 bits/);
  });

  test('is put aside for the CPU by a person, also for the next visit, and taken back', async () => {
    const page = await pageOnGpu();
    const first = await rungOf(page);

    await choose(page, 'CPU');
    await untilRunsOn(page, 'CPU');
    await page.reload();
    await untilReady(page);
    const atNextVisit = await rungOf(page);
    await choose(page, 'Automatic');
    await untilRunsOn(page, first);

    expect([first, atNextVisit]).toEqual(['GPU, 32 bits', 'CPU']);
  });

  test('that is lost in mid-answer: what was written is kept, and the CPU goes on', async () => {
    const page = await pageOnGpu();

    const written = await askAndHarm(page, loseDevices);
    const text = await goOn(page);

    expect(text.startsWith(written)).toBe(true);
    expect(await rungOf(page)).toBe('CPU');
    expect(await stepIn(page)).toMatch(
      /^The GPU in 32 bits was given up in the middle of an answer/,
    );
  });

  test('that gives wrong numbers: the self-test notices, and the CPU answers', async () => {
    if ((await perturbWeights('webgpu')) === 0) {
      await pageOnGpu();
      await perturbWeights('webgpu');
    }
    for (const other of browser.context.pages()) await other.close();

    const page = await openWith(GPU);
    await untilReady(page);
    const { text } = await ask(page, QUESTION);

    expect(text).toBe(cpuAnswer);
    expect(await rungOf(page)).toBe('CPU');
    expect(await stepIn(page)).toMatch(/wrong numbers in a test whose results are known/);
  });

  test('that gives no device: the CPU answers, and the next visit does not try again', async () => {
    await forget();
    const page = await openWith([passesAsGpu, noDevice]);
    await bringTiny(page);
    const { text } = await ask(page, QUESTION);
    const step = await stepIn(page);

    await page.reload();
    await untilReady(page);

    expect(text).toBe(cpuAnswer);
    expect(step).toMatch(/^The GPU in 32 bits was given up: it could not be started\./);
    expect(await rungOf(page)).toBe('CPU');
    expect(await stepIn(page)).toBe('');
  });

  test('that hangs while the model is loaded: its worker is ended, and the CPU answers', async () => {
    await forget();
    await injectFaults(browser.context, [passesAsGpu, deviceNeverComes]);
    const { page } = await browser.openPage('about:blank');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.clock.install();
    await page.goto(site.origin);
    await chooseFile(page, TINY);
    await page.getByLabel('Loading Tiny random Qwen2').waitFor({ timeout: LONG_MS });
    await page.clock.runFor(PAST_SILENCE_MS);
    await untilReady(page);

    await answerGreedily(page, TOKENS);
    const { text } = await ask(page, QUESTION);

    expect(text).toBe(cpuAnswer);
    expect(await stepIn(page)).toMatch(/^The GPU in 32 bits was given up: it did not answer/);
  });

  test('that takes the page with it: the next visit begins lower, says so, and can try again', async () => {
    await forget();
    const dying = await openWith([passesAsGpu, deviceNeverComes]);
    await chooseFile(dying, TINY);
    await dying.getByLabel('Loading Tiny random Qwen2').waitFor({ timeout: LONG_MS });
    await crash(dying);

    const page = await openWith(GPU);
    await untilReady(page);
    await answerGreedily(page, TOKENS);
    const { text } = await ask(page, QUESTION);
    const [rung, step] = [await rungOf(page), await stepIn(page)];
    await page.getByRole('button', { name: 'Try the GPU again' }).click();
    await untilRunsOn(page, 'GPU, 32 bits');

    expect(text).toBe(cpuAnswer);
    expect(rung).toBe('CPU');
    expect(step).toMatch(/^Last time, the browser ended this page/);
  });

  test('that takes its worker with it in mid-answer: what was written is kept, and the CPU goes on', async () => {
    const page = await pageOnGpu();

    const written = await askAndHarm(page, killWorker);
    const text = await goOn(page);

    expect(text.startsWith(written)).toBe(true);
    expect(await rungOf(page)).toBe('CPU');
    expect(await stepIn(page)).toMatch(
      /^The GPU in 32 bits was given up in the middle of an answer/,
    );
  });

  test('that hangs in mid-answer: what was written is kept, and the CPU goes on', async () => {
    await forget();
    await injectFaults(browser.context, [passesAsGpu]);
    const { page } = await browser.openPage('about:blank');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.clock.install();
    await page.goto(site.origin);
    await bringTiny(page);

    const written = await askAndHarm(page, (worker) =>
      worker.evaluate(() => {
        setTimeout(() => {
          for (;;);
        });
      }),
    );
    await page.clock.runFor(PAST_SILENCE_MS);
    const text = await goOn(page);

    expect(text.startsWith(written)).toBe(true);
    expect(await stepIn(page)).toMatch(/it did not answer for a long time/);
  });

  test('that promises 16-bit floats is found out twice, and runs in 32 bits', async () => {
    await forget();
    const page = await openWith([passesAsGpu, liesAboutF16]);
    await bringTiny(page);

    const { text } = await ask(page, QUESTION);

    expect(text).not.toBe('');
    expect(await rungOf(page)).toBe('GPU, 32 bits');
    expect(await stepIn(page)).toMatch(/^The GPU in 16 bits was given up.*the GPU in 32 bits\.$/);
    expect(await settingFor(page, 'GPU, 16 bits, sums in 32')).toMatch(/Not used since/);
  });
});

describe('the CPU, below which there is nothing', () => {
  beforeEach(forget);

  test('that takes the page with it is not tried again until the person asks', async () => {
    const before = await openWith([noWebGpu]);
    await bringTiny(before);
    await before.close();
    const dying = await openWith([noWebGpu, weightsNeverCome]);
    await dying.getByLabel('Loading Tiny random Qwen2').waitFor();
    await crash(dying);

    const page = await openWith([noWebGpu]);
    const alert = page.getByRole('alert').filter({ hasText: 'The browser ended this page' });
    await alert.waitFor();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await untilReady(page);

    expect((await ask(page, QUESTION)).text).toBe(cpuAnswer);
  });

  test('whose worker dies in mid-answer goes on in a new one', { timeout: LONG_MS }, async () => {
    const page = await openWith([noWebGpu]);
    await bringTiny(page);
    await answerGreedily(page, 450);
    await dieInMidAnswer(await workerOf(page, 'inference'));

    await startAsking(page, QUESTION);
    await page.getByRole('button', { name: 'Continue' }).waitFor({ timeout: LONG_MS });
    const broken = page.locator('article.answer:not([aria-busy])').last();
    const written = await broken.locator('.answer__text').innerText();
    const text = await goOn(page, 450);

    expect(written).not.toBe('');
    expect(text.startsWith(written)).toBe(true);
    expect(await rungOf(page)).toBe('CPU');
  });
});

/**
 * Flips bits in the middle of every weight file of the targets whose name begins so.
 * @returns how many files that were
 */
async function perturbWeights(target: string): Promise<number> {
  const page = await browser.context.newPage();
  await page.goto(`${site.origin}/manifest.webmanifest`);
  const changed = await page.evaluate(async (target) => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('store', { create: true });
    const compiled = await store.getDirectoryHandle('compiled', { create: true });
    let files = 0;
    for await (const [name, folder] of compiled.entries()) {
      if (!name.includes(`-${target}`) || folder.kind !== 'directory') continue;
      const handle = await folder.getFileHandle('weights.bin');
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      const middle = bytes.length >> 1;
      for (let at = middle; at < middle + 4096; at++) bytes[at] = (bytes[at] ?? 0) ^ 0x77;
      const writer = await handle.createWritable();
      await writer.write(bytes);
      await writer.close();
      files++;
    }
    return files;
  }, target);
  await page.close();
  return changed;
}

async function crash(page: Page): Promise<void> {
  const session = await browser.context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {}); // nobody is left to answer
  await crashed;
  await page.close();
}
