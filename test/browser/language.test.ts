/** The page in the visitor's language, and in the one that they choose. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from '../support/axe-violations.ts';
import { launchBrowser, type TestBrowser, untilKept } from '../support/browser.ts';
import { closeSheet, resize, untilSheetIsFilled } from '../support/chat.ts';
import { layoutFaults } from '../support/layout-faults.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

let site: ServedPage;
let browser: TestBrowser;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser({ locale: 'zh-CN' });
  ({ page, complaints } = await browser.openPage(site.origin));
  await page.getByText('向导已就绪：').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const told = async () => ({
  lang: await page.locator('html').getAttribute('lang'),
  title: await page.title(),
  line: await page.locator('.app__line').innerText(),
});

const IN_CHINESE = {
  lang: 'zh-Hans',
  title: 'Offgrid：在自己的设备上问 Qwen2.5',
  line: '在自己的设备上问 Qwen2.5。你输入的内容不会离开本页面。',
};
const IN_ENGLISH = {
  lang: 'en',
  title: 'Offgrid: ask Qwen2.5 on your own device',
  line: 'Ask Qwen2.5 on your own device. Nothing you type leaves this page.',
};

async function choose(field: string, label: string): Promise<void> {
  await page
    .locator('.composer__bar')
    .getByRole('button', { name: /^(设置|Settings)$/ })
    .click();
  await page.getByLabel(field).selectOption({ label });
}

test('who reads Chinese is met in Chinese, and the document says so', async () => {
  await expect.poll(told, PATIENT).toEqual(IN_CHINESE);
});

test('only the words of that language are fetched before the page is there', async () => {
  const names = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .flatMap(({ name }) => /assets\/((?:en|zh-Hans)-)/.exec(name)?.[1] ?? []),
  );

  expect(new Set(names)).toEqual(new Set(['zh-Hans-']));
});

test.each([
  ['对话', '对话'],
  ['模型', /^模型：/],
  ['设置', '设置'],
  ['统计', /^统计/],
  ['本机运行', '本机运行'],
] as const)('in Chinese the sheet “%s” keeps nobody out', async (title, opener) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: opener }).first().click();
  await untilSheetIsFilled(page.getByRole('dialog', { name: title }));

  const found = await findViolations(page);
  await page.screenshot({ path: `test/output/chinese-${title}-390.png` });
  await closeSheet(page);

  expect(found).toEqual([]);
});

describe('in Chinese the page lies well', () => {
  const SIZES = [
    { width: 320, height: 640 },
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ] as const;
  const WELL = { 320: [], 390: [], 1440: [], 'large text': [] };

  /** The faults in every size, and with text twice as large; pictures go to test/output/. */
  async function lookAt(state: string): Promise<Record<string | number, readonly string[]>> {
    const found: Record<string | number, readonly string[]> = {};
    for (const size of SIZES) {
      await resize(page, size);
      found[size.width] = await layoutFaults(page);
      if (size.width > 320)
        await page.screenshot({ path: `test/output/chinese-${state}-${size.width}.png` });
    }
    await resize(page, SIZES[1]);
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    found['large text'] = await layoutFaults(page);
    await page.screenshot({ path: `test/output/chinese-${state}-large-text.png` });
    await page.evaluate(() => (document.documentElement.style.fontSize = ''));
    return found;
  }

  test('at first', async () => {
    await page.getByRole('button', { name: '可离线使用' }).waitFor({ timeout: 60_000 });

    expect(await lookAt('guide')).toEqual(WELL);
  });

  test('with an answer, its figures and its tokens', async () => {
    await page.getByLabel('你的问题').fill('什么是 KV 缓存？');
    await page.getByLabel('你的问题').press('Enter');
    const answer = page.locator('article.answer:not([aria-busy])');
    await answer.waitFor();
    await answer.locator('summary').first().click();
    const withFigures = await lookAt('figures');
    await answer.locator('summary').first().click();
    await page.getByRole('button', { name: '查看 token' }).click();
    await page.getByRole('listbox').waitFor();

    expect(withFigures).toEqual(WELL);
    expect(await lookAt('xray')).toEqual(WELL);
  });

  test.each([
    ['l', 'conversations', '对话'],
    ['m', 'models', '模型'],
    ['s', 'settings', '设置'],
    ['t', 'statistics', '统计'],
    ['b', 'benchmark', '性能测试'],
    ['d', 'privacy', '本机运行'],
    ['', 'keys', '键盘'],
  ])('under the sheet that %s opens: %s', async (letter, state, title) => {
    await page.keyboard.press('Control+/');
    await untilSheetIsFilled(page.getByRole('dialog', { name: '键盘' }));
    if (letter !== '') await page.keyboard.press(letter);
    const sheet = page.getByRole('dialog', { name: title });
    await untilSheetIsFilled(sheet);

    const found = await lookAt(`sheet-${state}`);
    await closeSheet(page);

    expect(found).toEqual(WELL);
  });

  test('with the tools for writing, and their prompts', async () => {
    await page.getByLabel('你的问题').fill('第一行。\n第二行。\n第三行。');
    await page.getByRole('button', { name: '总结' }).waitFor();
    const withTools = await lookAt('writing');
    await page.getByRole('button', { name: '修改提示词' }).click();
    await page.getByRole('dialog', { name: '写作工具' }).getByRole('textbox').first().waitFor();
    const prompts = await lookAt('sheet-writing');
    await closeSheet(page);
    await page.getByLabel('你的问题').fill('');
    await page.getByRole('button', { name: '新对话' }).last().click();

    expect(withTools).toEqual(WELL);
    expect(prompts).toEqual(WELL);
  });
});

test('what went wrong is said with the numbers of the case, in the language of the moment', async () => {
  const wrong = page.locator('article.answer .notice');
  await page.getByLabel('你的问题').fill('token '.repeat(2_000));
  await page.keyboard.press('Enter');
  await wrong.waitFor();
  const inChinese = await wrong.innerText();
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await wrong.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `test/output/chinese-failure-${width}.png` });
  }

  await choose('语言', 'English');
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await wrong.filter({ hasText: 'The message has' }).waitFor({ state: 'attached' });
  const inEnglish = await wrong.innerText();
  await closeSheet(page);
  await choose('Language', '简体中文');
  await page.getByRole('dialog', { name: '设置' }).waitFor();
  await closeSheet(page);
  await page.getByRole('button', { name: '新对话' }).first().click();

  const [, tokens = '', most = ''] =
    /这条消息有 ([\d,]+) 个 token.*一次最多能读 ([\d,]+) 个/.exec(inChinese) ?? [];
  expect(inChinese).toContain('请缩短后再发送。');
  expect(Number(tokens.replace(',', ''))).toBeGreaterThanOrEqual(2_000);
  expect(inEnglish).toContain(`The message has ${tokens} tokens`);
  expect(inEnglish).toContain(`can take ${most} at once`);
});

test('another language is spoken at once: what is written and what is loaded stays', async () => {
  await page.getByLabel('你的问题').fill('What is a token?');
  await choose('语言', 'English');
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await closeSheet(page);

  await expect.poll(told, PATIENT).toEqual(IN_ENGLISH);
  expect(await page.getByLabel('Your question').inputValue()).toBe('What is a token?');
  await page.getByText('The guide is ready:').waitFor();
  expect(complaints).toEqual([]);
});

test('the choice is remembered, and the words are here without a network', async () => {
  await untilKept(page);
  await browser.context.setOffline(true);
  await page.reload();
  await page.getByText('The guide is ready:').waitFor();

  await expect.poll(told, PATIENT).toEqual(IN_ENGLISH);

  await choose('Language', '简体中文');
  await page.getByRole('dialog', { name: '设置' }).waitFor();
  await browser.context.setOffline(false);
});

test('without a choice the page follows the browser again', async () => {
  await page.getByLabel('语言').selectOption({ label: '自动：简体中文' });
  await page.waitForFunction(() => localStorage.getItem('offgrid.language') === null);
  await page.reload();
  await page.getByText('向导已就绪：').waitFor();

  await expect.poll(told, PATIENT).toEqual(IN_CHINESE);
  expect(await page.evaluate(() => localStorage.getItem('offgrid.language'))).toBeNull();
});
