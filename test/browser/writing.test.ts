/** The writing tools as a person finds them: a text is pasted, one tap, and the answer comes in the conversation. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { closeSheet, untilGuideIsReady } from '../support/chat.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TEXT =
  'A river begins as rain. It falls on the high ground, and it does not stay there. '.repeat(3);

let site: ServedPage;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
  ({ page } = await browser.openPage(site.origin));
  await page.setViewportSize({ width: 390, height: 844 });
  await untilGuideIsReady(page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

test('a pasted text is asked about with one tap, in the words of the prompt', async () => {
  const field = page.getByLabel('Your question');
  await field.fill(TEXT);
  const tools = page.getByRole('group', { name: 'What to do with this text' });
  await tools.getByRole('button', { name: 'Summarise' }).waitFor();
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `test/output/writing-${width}.png` });
  }
  await tools.getByRole('button', { name: 'Summarise' }).click();
  await page.locator('article.answer:not([aria-busy])').waitFor();

  const asked = await page.locator('article.question').first().innerText();
  expect(asked).toMatch(/^[^]*Summarise the text below[^]*A river begins as rain/);
  expect(await field.inputValue()).toBe('');
});

test('a prompt that was changed is what is said, and goes back to the original', async () => {
  await page.getByLabel('Your question').fill(TEXT);
  await page.getByRole('button', { name: 'Change the prompts' }).click();
  const sheet = page.getByRole('dialog', { name: 'Tools for writing' });
  const formal = sheet.getByLabel('Formal', { exact: true });
  await formal.fill('Write as to a king: {{text}}');
  await formal.blur();
  await sheet.getByRole('button', { name: 'Formal: back to the original' }).waitFor();
  await page.screenshot({ path: 'test/output/writing-prompts.png' });
  await closeSheet(page);
  await page.getByRole('button', { name: 'Formal', exact: true }).click();
  await page.locator('article.answer:not([aria-busy])').nth(1).waitFor();

  expect(await page.locator('article.question').last().innerText()).toContain(
    'Write as to a king: A river',
  );
});
