/** The benchmark as a person finds it: run on the guide, kept, passed on, and set beside another one. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toFragment } from '../../src/state/benchmark/result-link.ts';
import { benchmarkResult } from '../support/benchmark-result.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { ask, closeSheet, resize, untilGuideIsReady } from '../support/chat.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const PICTURES = 'test/output';

let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let complaints: readonly string[];
let requests: readonly string[];

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
  ({ page, complaints, requests } = await browser.openPage(site.origin));
  await page.setViewportSize({ width: 390, height: 844 });
  await untilGuideIsReady(page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** Takes the sheet's pictures, where its results begin. */
async function lookAt(name: string): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    await resize(page, { width, height });
    await sheet()
      .getByRole('heading', { name: 'Result' })
      .evaluate((node) => node.scrollIntoView());
    await page.screenshot({ path: `${PICTURES}/${name}-${width}.png` });
  }
}

const sheet = () => page.getByRole('dialog', { name: 'Benchmark' });

describe('the benchmark', () => {
  test('runs on the model in use and says how fast it is', async () => {
    await page.getByRole('button', { name: /^Statistics/ }).click();
    await page.getByRole('button', { name: 'Benchmark' }).click();
    await sheet().getByLabel('Rounds').fill('1');
    await page.screenshot({ path: `${PICTURES}/benchmark-before-390.png` });
    await sheet().getByRole('button', { name: 'Start' }).click();
    await sheet().getByRole('button', { name: 'Save as JSON' }).waitFor({ timeout: 90_000 });

    const rows = await sheet().locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t')[0])).toEqual([
      'Prefill 128, cold',
      'Prefill 128, warm',
      'Decode 64, cold',
      'Decode 64, warm',
      'Load',
    ]);
    for (const row of rows) expect(row).toMatch(/\d/);
    await lookAt('benchmark');
  });

  test('is saved as JSON with every sample, and as a picture', async () => {
    const saved = page.waitForEvent('download');
    await sheet().getByRole('button', { name: 'Save as JSON' }).click();
    const json = await saved;
    const result: unknown = JSON.parse(await readFile(await json.path(), 'utf8'));
    const drawn = page.waitForEvent('download');
    await sheet().getByRole('button', { name: 'Save as a picture' }).click();
    const picture = await drawn;
    await picture.saveAs(`${PICTURES}/benchmark-picture.png`);
    const bytes = await readFile(await picture.path());

    expect(json.suggestedFilename()).toMatch(/^offgrid-benchmark-\d{4}-\d\d-\d\d\.json$/);
    expect(result).toMatchObject({
      format: 'offgrid-benchmark',
      model: { fileName: 'guide.gguf' },
      drift: null,
    });
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  });

  test('leaves the model ready to answer', async () => {
    await closeSheet(page);

    expect((await ask(page, 'What is this page?')).text).not.toBe('');
  });

  test('of another device stands beside one’s own when its link is opened, and no server hears of it', async () => {
    const fragment = toFragment(benchmarkResult());
    await page.goto(`${site.origin}/${fragment}`);
    await page.reload();
    const table = sheet().locator('.benchmark__table').first();
    await table.getByRole('columnheader', { name: 'The other one' }).waitFor();
    const row = await table.getByRole('row', { name: /^Prefill 128, warm/ }).innerText();
    await lookAt('benchmark-pair');
    await closeSheet(page);
    await page.waitForFunction(() => location.hash === '');

    expect(row.split('\t')).toHaveLength(4);
    expect(row).toMatch(/147/);
    expect(requests.filter((url) => url.includes('benchmark='))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('of a damaged link is refused in a sentence', async () => {
    await page.evaluate(() => (location.hash = '#benchmark=ZZZZ'));

    await sheet().getByText('no benchmark result that this page can read').waitFor();
    await page.keyboard.press('Escape');
  });
});
