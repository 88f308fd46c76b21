/** Rules that the host of a page gives for what is said: from its file to what a person sees. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { ask, startAsking, untilGuideIsReady } from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const QUESTION = 'Is anything I type sent to a server?';
/** Whichever of its answers the guide gives, one of these is in it. */
const IN_THE_ANSWER = ['your own device', 'on your device'];

let folder: string;
let site: ServedPage;
let browser: TestBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-policy-'));
  await cp('dist', folder, { recursive: true });
  site = await servePage({ folder });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function openWith(policy: string): Promise<Page> {
  await writeFile(join(folder, 'policy.json'), policy);
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(site.origin);
  await untilGuideIsReady(page);
  return page;
}

async function photograph(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `test/output/${name}-${width}.png` });
  }
}

test('a reply that a rule withholds is never shown, and the decision is listed', async () => {
  const page = await openWith(
    JSON.stringify({
      version: 1,
      isOn: true,
      notice: { en: 'This site is moderated.' },
      prompt: { blocked: ['secret plan'], flagged: [] },
      reply: { blocked: IN_THE_ANSWER, flagged: [] },
    }),
  );
  const shown: string[] = [];
  await page.exposeFunction('show', (text: string) => void shown.push(text));
  await page.evaluate(`
    new MutationObserver(() => {
      for (const one of document.querySelectorAll('article.answer')) show(one.textContent);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  `);

  await startAsking(page, QUESTION);
  await page.getByText('withholds this').first().waitFor();
  const rules = page.getByRole('complementary', { name: 'Policy of this site' });
  await rules.getByText('1 decision').click();
  await photograph(page, 'policy');

  expect(await rules.innerText()).toContain('This site is moderated.');
  await expect
    .poll(() => rules.innerText(), PATIENT)
    .toMatch(/Answer withheld: (your own|on your) device/);
  expect(shown.filter((text) => /(your own|on your) device/i.test(text))).toEqual([]);
  await page.close();
});

test('a question that a rule withholds is not asked', async () => {
  const page = await openWith(
    JSON.stringify({ version: 1, isOn: true, prompt: { blocked: ['secret plan'], flagged: [] } }),
  );

  await startAsking(page, 'What is the Secret Plan?');
  await page.getByText('withholds this').first().waitFor();

  const written = await page.locator('article.answer .answer__text').allInnerTexts();
  expect(written.join('')).toBe('');
  await page.close();
});

test('a file with a fault counts for nothing: its line is named, and questions are answered', async () => {
  const page = await openWith(
    '{\n  "version": 1,\n  "isOn": true,\n  "reply": { "blocked": 7 }\n}',
  );
  const refusal = page.getByText('This site’s policy.json is not in force: line 4');
  await refusal.waitFor();
  await photograph(page, 'policy-refused');

  expect((await ask(page, QUESTION)).text).not.toBe('');
  await page.close();
});
