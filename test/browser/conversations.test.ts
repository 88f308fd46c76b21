/** Conversations that stay: what a person's day does to them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import {
  answerGreedily,
  ask,
  openModel,
  slowDown,
  startAsking,
  untilGuideIsReady,
  workerOf,
} from '../support/chat.ts';
import { launchKillable } from '../support/killable-browser.ts';
import { manyConversations } from '../support/saved-conversations.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';
const DESK = { width: 1440, height: 900 };

let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let complaints: readonly string[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-conversations-'));
  site = await servePage();
  browser = await launchBrowser();
  ({ page, complaints } = await browser.openPage('about:blank'));
  await page.setViewportSize(DESK);
  await page.goto(site.origin);
  await untilGuideIsReady(page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

const list = () => page.getByRole('navigation', { name: 'Conversations' });
const row = (title: string) => list().getByRole('button', { name: title }).first();
const answers = () => page.locator('article.answer:not([aria-busy])');
const questions = () => page.locator('.question__words');
const begin = () => list().getByRole('button', { name: 'New conversation' }).click();

async function more(title: string, action: string): Promise<void> {
  await list()
    .getByRole('button', { name: `More for “${title}”` })
    .click();
  await list().getByRole('button', { name: action, exact: true }).click();
}

/** The whole tree as a file has it. */
async function saved(title: string): Promise<{ readonly path: string; readonly file: SavedFile }> {
  const downloading = page.waitForEvent('download');
  await more(title, 'Save as JSON');
  const path = join(folder, `${Math.random()}.json`);
  await (await downloading).saveAs(path);
  return { path, file: JSON.parse(await readFile(path, 'utf8')) as SavedFile };
}

interface SavedFile {
  readonly conversations: readonly {
    readonly conversation: { readonly id: string };
    readonly messages: readonly object[];
  }[];
}

test('the first of five questions is edited; its answer knows nothing of the old turns, which stay', async () => {
  for (const text of ['What is a token?', 'And a word?', 'Why?', 'How many?', 'Really?']) {
    await ask(page, text);
  }
  await page.getByRole('button', { name: 'Edit the question' }).first().click();
  const field = page.getByLabel('The question, to be asked again');
  await field.fill('What is prefill?');
  await field.press('Control+Enter');
  await page.waitForFunction(() => document.querySelectorAll('.question__words').length === 1);
  await answers().first().waitFor();
  const tokensIn = await answers().last().locator('.figure-list__value').nth(3).textContent();

  await page.getByRole('button', { name: 'Branch before' }).first().click();
  const asked = () => questions().allInnerTexts();
  await expect
    .poll(asked, PATIENT)
    .toEqual(['What is a token?', 'And a word?', 'Why?', 'How many?', 'Really?']);
  await page.getByRole('button', { name: 'Next branch' }).first().click();

  expect(Number.parseInt(tokensIn ?? '', 10)).toBeLessThan(60);
  await expect.poll(asked, PATIENT).toEqual(['What is prefill?']);
});

test('a conversation is there after a reload, with all its branches, before any model is', async () => {
  await page.reload();

  await page.getByText('2 of 2').waitFor();

  expect(await questions().allInnerTexts()).toEqual(['What is prefill?']);
  await untilGuideIsReady(page);
});

test('what was saved as JSON and is opened again is an equal tree', async () => {
  const first = await saved('What is a token?');
  await more('What is a token?', 'Delete');
  await page.getByTestId('open-conversations').setInputFiles(first.path);
  await row('What is a token?').click();
  await page.waitForFunction(() => document.querySelectorAll('.question__words').length === 1);

  const second = await saved('What is a token?');

  expect(first.file.conversations[0]?.messages).toHaveLength(12);
  expect(second.file).toEqual(first.file);
});

test('a file that holds no conversations is refused with a reason', async () => {
  await page.getByTestId('open-conversations').setInputFiles(TINY);

  const alert = list().getByRole('alert');
  await alert.waitFor();

  expect(await alert.innerText()).toContain('holds no conversations');
});

test('a deleted conversation is gone, and Undo brings it back with what was said', async () => {
  await more('What is a token?', 'Delete');
  await list().getByText('was deleted').waitFor();
  await row('What is a token?').waitFor({ state: 'detached' });

  await list().getByRole('button', { name: 'Undo' }).click();
  await row('What is a token?').click();
  await questions().first().waitFor();

  expect(await questions().allInnerTexts()).toEqual(['What is prefill?']);
});

test('a conversation takes another name, is pinned above later ones, and is found by its words', async () => {
  await more('What is a token?', 'Rename');
  await list().getByLabel('Name of the conversation').fill('About tokens');
  await page.keyboard.press('Enter');
  await begin();
  await ask(page, 'Does this page work offline?');
  await more('About tokens', 'Pin');
  await page.waitForFunction(
    () =>
      document.querySelector('.app__conversations .conversation-row__title')?.textContent ===
      'Pinned: About tokens',
  );
  const titles = () => list().locator('.conversation-row__title').allInnerTexts();

  await list().getByRole('searchbox').fill('prefill tokens');
  await page.waitForFunction(
    () => document.querySelectorAll('.app__conversations .conversation-row').length === 1,
  );
  const found = await titles();
  await list().getByRole('searchbox').fill('');

  expect(found).toEqual([expect.stringContaining('About tokens')]);
});

test('a temporary conversation is written nowhere, and says so', async () => {
  await list()
    .getByRole('button', { name: /^New temporary/ })
    .click();
  await ask(page, 'Remember the word xylophone.');
  const says = await page.locator('.turns__temporary').innerText();
  const kept = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('offgrid');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const all = await Promise.all(
      [...database.objectStoreNames].map(
        (name) =>
          new Promise((resolve) => {
            const request = database.transaction(name).objectStore(name).getAll();
            request.onsuccess = () => resolve(request.result);
          }),
      ),
    );
    database.close();
    return JSON.stringify([all, Object.entries(localStorage), Object.entries(sessionStorage)]);
  });

  await page.reload();
  await untilGuideIsReady(page);

  expect(says).toContain('temporary');
  expect(kept).toContain('About tokens');
  expect(kept).not.toContain('xylophone');
  expect(await questions().count()).toBe(0);
});

test('among five hundred conversations questions are answered, and each can be reached', async () => {
  const json = manyConversations(500);
  await page
    .getByTestId('open-conversations')
    .setInputFiles({ name: 'many.json', mimeType: 'application/json', buffer: Buffer.from(json) });
  await page.waitForFunction(
    () => document.querySelectorAll('.app__conversations .conversation-row').length >= 500,
    undefined,
    { timeout: 60_000 },
  );

  await ask(page, 'What can you do?');
  await row('Conversation 499').scrollIntoViewIfNeeded();

  expect(complaints).toEqual([]);
});

/** Waits until a part of the running answer is kept. */
function untilWritten(from: Page): Promise<unknown> {
  return from.waitForFunction(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('offgrid');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const messages = await new Promise<readonly { role: string; text: string }[]>((resolve) => {
      const request = database.transaction('messages').objectStore('messages').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return messages.some(({ role, text }) => role === 'assistant' && text.length > 20);
  });
}

describe('when the browser is killed in mid-answer', () => {
  test('the next start finds what was written, and a way to go on', async () => {
    const profile = await mkdtemp(join(tmpdir(), 'offgrid-killed-'));
    const first = await launchKillable(profile, site.origin);
    await untilGuideIsReady(first.page);
    await openModel(first.page, TINY);
    await answerGreedily(first.page, 480);
    await slowDown(await workerOf(first.page, 'inference'));
    await startAsking(first.page, 'What is the capital of France?');
    await first.page.waitForFunction(
      () => (document.querySelector('article.answer[aria-busy]')?.textContent?.length ?? 0) > 40,
    );
    await untilWritten(first.page); // once a second
    await first.page.waitForTimeout(1500); // a browser writes down late which model was in use
    await first.kill();

    const second = await launchKillable(profile, site.origin);
    try {
      await second.page
        .getByRole('status')
        .filter({ hasText: 'is ready' })
        .first()
        .waitFor({ state: 'attached', timeout: 90_000 }); // beside another test file
      const button = second.page.getByRole('button', { name: 'Conversations' });
      if (await button.isVisible()) await button.click();
      await second.page.getByRole('button', { name: 'What is the capital' }).first().click();
      const answer = second.page.locator('article.answer').last();
      await answer.getByRole('button', { name: 'Continue' }).waitFor();

      expect((await answer.locator('.answer__text').innerText()).length).toBeGreaterThan(20);
    } finally {
      await second.kill();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    }
  });
});
