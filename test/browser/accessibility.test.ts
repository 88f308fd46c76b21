/** The page for those who do not see it, or do not use a mouse. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toFragment } from '../../src/state/benchmark/result-link.ts';
import { benchmarkResult } from '../support/benchmark-result.ts';
import { findViolations } from '../support/axe-violations.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  closeSheet,
  dismissFailure,
  openModel,
  resize,
  slowDown,
  untilGuideIsReady,
  untilSheetIsFilled,
  workerOf,
} from '../support/chat.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-accessibility-'));
  site = await servePage();
  browser = await launchBrowser();
  ({ page } = await browser.openPage('about:blank'));
  await page.setViewportSize(PHONE);
  await page.goto(site.origin);
  await untilGuideIsReady(page);
  await page.getByRole('button', { name: 'Get Qwen2.5 0.5B Instruct' }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

const violations = () => findViolations(page);

/** The name of what has the focus, as it is read out. */
const focused = () =>
  page.evaluate(() => {
    const { activeElement } = document;
    const label = activeElement instanceof HTMLTextAreaElement && activeElement.labels?.[0];
    const name =
      activeElement?.getAttribute('aria-label') ?? (label || activeElement)?.textContent ?? '';
    return name.trim();
  });

/** Everything that Tab comes by, from the top of the page to its end. */
async function tabThrough(): Promise<readonly string[]> {
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    getSelection()?.collapse(document.body, 0);
  });
  const names: string[] = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    names.push(await focused());
  }
  return names;
}

const tabTo = async (name: string | RegExp) => {
  for (let i = 0; i < 60; i++) {
    const here = await focused();
    if (typeof name === 'string' ? here === name : name.test(here)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${name}`);
};

const heard: { readonly said: string; readonly isWriting: boolean }[] = [];

/** Hears from now on what a screen reader is given of answers, and whether one is being written at that moment. */
async function listen(): Promise<void> {
  await page.getByRole('log').waitFor({ state: 'attached' });
  await page.exposeFunction('hear', (said: string, isWriting: boolean) =>
    heard.push({ said, isWriting }),
  );
  await page.evaluate(`
    new MutationObserver((changes) => {
      const isWriting = document.querySelector('article[aria-busy]') !== null;
      for (const { addedNodes } of changes)
        for (const { textContent } of addedNodes) hear(textContent, isWriting);
    }).observe(document.querySelector('[role=log]'), { childList: true });
  `);
}

describe('with the guide', () => {
  test('nothing keeps anybody out', async () => {
    expect(await violations()).toEqual([]);
  });

  test('Tab comes by everything, in the order of reading', async () => {
    const names = await tabThrough();

    const wanted = [
      'Skip to the question field',
      /^Model: Guide · \d+ MB\. Change$/,
      'On this device',
      'Is anything I type sent to a server?',
      'Get Qwen2.5 0.5B Instruct',
      'Other models',
      'Your question',
      'Settings',
      /^Statistics/,
      'Ask',
    ];
    const places = wanted.map((name) =>
      names.findIndex((here) => (typeof name === 'string' ? here === name : name.test(here))),
    );
    expect(
      places.every((at) => at >= 0),
      names.join(', '),
    ).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('a failure keeps nobody out either, and is said at once', async () => {
    const path = join(folder, 'bad.gguf');
    await writeFile(path, 'Hello, I am a text.'.repeat(50));

    await expect(openModel(page, path)).rejects.toThrow(/not a GGUF model/);

    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await violations()).toEqual([]);
    await dismissFailure(page);
  });
});

describe('in a conversation with the guide', () => {
  test('nothing keeps anybody out', async () => {
    await page.getByRole('button', { name: 'Is anything I type sent to a server?' }).click();
    await page.locator('article.answer:not([aria-busy])').waitFor();

    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'New conversation' }).click();
  });

  test('an answer is said in whole sentences while it is written, each once, and then its figures', async () => {
    await slowDown(await workerOf(page, 'inference'));
    await listen();
    const { text, line } = await ask(page, 'Is anything I type sent to a server?');
    await expect.poll(() => heard.at(-1)?.said, PATIENT).toBe(line);

    const sentences = heard.slice(0, -1).map(({ said }) => said);
    expect(sentences.length).toBeGreaterThan(1);
    expect(sentences.filter((said) => !/[.:!?]$/.test(said))).toEqual([]);
    expect(sentences.join(' ')).toBe(text.replaceAll(/\s+/g, ' '));
    expect(heard[0]?.isWriting).toBe(true);
    expect(heard.at(-1)).toEqual({ said: line, isWriting: false });
    await page.getByRole('button', { name: 'New conversation' }).click();
  });

  test('what is seen of an answer is no live region: nothing is said token by token', async () => {
    await ask(page, 'What can you do?');
    const around = await page
      .locator('article.answer')
      .evaluateAll((answers) =>
        answers.flatMap((one) => [
          one.closest('[aria-live], [role=log], [role=status], [role=alert]')?.tagName ?? [],
          one.querySelector('[aria-live]:not([aria-live=off]), [role=status]')?.tagName ?? [],
        ]),
      );

    expect(around.flat()).toEqual([]);
    await page.getByRole('button', { name: 'New conversation' }).click();
  });
});

describe('with a model', () => {
  beforeAll(async () => {
    await openModel(page, TINY);
    await answerGreedily(page);
  });

  test('that is ready, nothing keeps anybody out', async () => {
    expect(await violations()).toEqual([]);
  });

  test.each([
    ['Conversations', 'Conversations'],
    ['Models', /^Model: /],
    ['Settings', 'Settings'],
    ['Statistics', /^Statistics/],
    ['On this device', 'On this device'],
  ] as const)(
    'the sheet “%s” opens by keyboard, keeps nobody out, and Escape gives the focus back',
    async (title, opener) => {
      await page.getByLabel('Your question').focus();
      await page.evaluate(() => {
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      });
      await tabTo(opener);
      const before = await focused();
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: title });
      await untilSheetIsFilled(sheet);
      const hasFocus = await sheet.evaluate((node) => node.contains(document.activeElement));
      const found = await violations();

      await closeSheet(page);

      expect(hasFocus).toBe(true);
      expect(found).toEqual([]);
      expect(await focused()).toBe(before);
    },
  );

  test('the benchmark keeps nobody out, with results of two devices in it', async () => {
    await page.evaluate((fragment) => (location.hash = fragment), toFragment(benchmarkResult()));
    const sheet = page.getByRole('dialog', { name: 'Benchmark' });
    await sheet.getByLabel('Rounds').fill('1');
    await sheet.getByRole('button', { name: 'Start' }).click();
    await sheet.getByRole('button', { name: 'Save as JSON' }).waitFor({ timeout: 90_000 });

    expect(await violations()).toEqual([]);
    await closeSheet(page);
  });

  test('the tools for writing and their prompts keep nobody out', async () => {
    const field = page.getByLabel('Your question');
    await field.fill('One line.\nAnother line.\nA third line.');
    await page.getByRole('button', { name: 'Summarise' }).waitFor();
    const found = [...(await violations())];
    await page.getByRole('button', { name: 'Change the prompts' }).click();
    await page.getByRole('dialog', { name: 'Tools for writing' }).getByLabel('Formal').waitFor();
    found.push(...(await violations()));
    await closeSheet(page);
    await field.fill('');

    expect(found).toEqual([]);
  });

  test('a question is asked and its answer stopped by keyboard alone', async () => {
    await answerGreedily(page, 900);
    await slowDown(await workerOf(page, 'inference'));
    await page.getByLabel('Your question').focus();
    await page.keyboard.type('Count to ten thousand.');
    await tabTo('Ask');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Stop');
    await page.keyboard.press('Space');
    const answer = page.locator('article.answer:not([aria-busy])').last();
    await answer.waitFor();

    expect(await answer.locator('summary').innerText()).toMatch(/stopped by/);
    await expect.poll(focused, PATIENT).toBe('Ask');
    await answerGreedily(page);
  });

  test.each([
    ['a phone', PHONE],
    ['a desk', DESK],
  ] as const)('and an answer on %s, nothing keeps anybody out', async (_name, size) => {
    await resize(page, size);
    await ask(page, 'What is the capital of France?');
    await page.locator('article.answer summary').last().click();

    expect(await violations()).toEqual([]);
  });
});
