/** What models write, as the page shows it: well when it is meant well, and harmless whatever it is. Pictures go to test/output/. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prng } from '../../src/lib/prng.ts';
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts';
import { ask, resize, slowDown, untilGuideIsReady, workerOf } from '../support/chat.ts';
import { hostileReply } from '../support/hostile-replies.ts';
import { savedConversation } from '../support/saved-conversations.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const PICTURES = 'test/output';
const SEED = 20_261_126;

let site: ServedPage;
let browser: TestBrowser;
let opened: TestPage;

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true });
  site = await servePage();
  browser = await launchBrowser();
  opened = await browser.openPage('about:blank');
  await opened.page.setViewportSize({ width: 1440, height: 900 });
  await opened.page.goto(site.origin);
  await untilGuideIsReady(opened.page);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

async function show(title: string, texts: readonly string[]): Promise<void> {
  const { page } = opened;
  const buffer = Buffer.from(savedConversation(title, texts));
  await page
    .getByTestId('open-conversations')
    .setInputFiles({ name: 'saved.json', mimeType: 'application/json', buffer });
  await page.getByRole('navigation').getByRole('button', { name: title }).first().click();
  await page.locator('.markdown').first().waitFor();
}

const ANSWER = `## Three ways

A model may **answer**, *hesitate* or \`stop\`; the page shows each.

1. First, what is asked
   - with a part
   - and another
2. Then the rest

| Quantisation | Bits | Size |
| --- | ---: | ---: |
| Q4_K_M | 4.8 | 491 MB |
| Q8_0 | 8.5 | 676 MB |

> Nothing you type leaves this page.

\`\`\`python
def balanced(text: str) -> bool:
    """Whether brackets match."""
    open_brackets = []
    for c in text:  # one by one
        if c in "([{":
            open_brackets.append(c)
        elif c in ")]}" and (not open_brackets or open_brackets.pop() + c not in ("()", "[]", "{}")):
            return False
    return not open_brackets
\`\`\`

More at [the source](https://github.com/example/offgrid), and ![a picture](https://example.com/a.png).`;

test('headings, lists, tables, links and coloured code are shown as such', async () => {
  const { page } = opened;
  await show('Rendering', ['Show me all you can.', ANSWER]);
  await page.locator('.hljs-keyword').first().waitFor();
  await page.screenshot({ path: join(PICTURES, 'markdown-1440.png') });
  const code = page.locator('.code-block');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await code.getByRole('button', { name: 'Copy' }).click();
  await code.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await resize(page, { width: 390, height: 844 });
  await page.evaluate(() => window.scrollTo({ top: 0 }));
  await page.screenshot({ path: join(PICTURES, 'markdown-390.png') });
  const isTooWide = await page.evaluate(
    () => document.documentElement.scrollWidth > window.innerWidth,
  );
  await page.setViewportSize({ width: 1440, height: 900 });

  expect(await page.locator('.markdown td').first().innerText()).toBe('Q4_K_M');
  expect(copied).toMatch(/^def balanced[^]*return not open_brackets$/);
  expect(isTooWide).toBe(false);
});

test('a very long answer is made in steps, and can be read to its end', async () => {
  const { page } = opened;
  const long = Array.from({ length: 400 }, (_, index) => `Paragraph **${index}**.`).join('\n\n');
  await show('Very long', ['Write much.', long]);
  await page.waitForFunction(() => document.querySelectorAll('.markdown strong').length === 400);
  const last = page.locator('.markdown strong').last();
  await last.scrollIntoViewIfNeeded();
  // What is out of sight has no text to be seen.
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.markdown strong')]
      .at(-1)
      ?.checkVisibility({ contentVisibilityAuto: true }),
  );

  expect(await last.innerText()).toBe('399');
  expect(await page.locator('.markdown__waiting').count()).toBe(0);
});

test('what stands there of an answer stays where it is when the answer ends', async () => {
  const { page } = opened;
  await page.getByRole('navigation').getByRole('button', { name: 'New conversation' }).click();
  await page.evaluate(() => {
    const look = new MutationObserver(() => {
      const first = document.querySelector('article.answer[aria-busy] .markdown__part > *');
      if (first === null) return;
      look.disconnect();
      first.setAttribute('data-was', 'live');
    });
    look.observe(document.body, { childList: true, subtree: true });
  });
  await slowDown(await workerOf(page, 'inference')); // else all of it may come between two frames
  const { text } = await ask(page, 'What is a token?');

  const stayed = page.locator('article.answer:not([aria-busy]) [data-was=live]');

  expect(await stayed.count()).toBe(1);
  expect(text).toContain(await stayed.innerText());
});

test('an answer opens as its tokens, by keyboard, and goes on from one of them in a branch of its own', async () => {
  const { page } = opened;
  await page.getByRole('navigation').getByRole('button', { name: 'New conversation' }).click();
  const { text } = await ask(page, 'What is a token?');
  await page.getByRole('button', { name: 'Look at the tokens' }).click();
  const tokens = page.getByRole('listbox', { name: 'Tokens of the answer' });
  await tokens.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const heading = await page.getByRole('heading', { name: /^Token 3 of \d+/ }).innerText();
  const shown = (await tokens.innerText()).replaceAll('⏎', '');
  await page.locator('.xray').getByText('The same as a table').click();
  const row = page.locator('.xray__table tbody tr');
  await row.first().waitFor(); // made once the fold is open
  const rows = await row.count();
  await page.getByText('The prompt as the model read it').click();
  const prompt = await page.locator('.xray__prompt').innerText();
  await page.evaluate(() => window.scrollTo({ top: 0 }));
  await page.screenshot({ path: join(PICTURES, 'xray-1440.png') });
  await resize(page, { width: 390, height: 844 });
  await page.screenshot({ path: join(PICTURES, 'xray-390.png') });
  const isTooWide = await page.evaluate(
    () => document.documentElement.scrollWidth > window.innerWidth,
  );
  await page.setViewportSize({ width: 1440, height: 900 });
  const found = await violationsOf(page);
  await page
    .getByRole('button', { name: /^Go on here with/, disabled: false })
    .first()
    .click();
  await page.getByText('2 of 2').waitFor();

  expect(heading).toContain('Token 3');
  expect(shown.replaceAll(/\s+/g, ' ').trim()).toBe(text.replaceAll(/\s+/g, ' ').trim());
  expect(rows).toBeGreaterThan(5);
  expect(prompt).toContain('<|im_start|>user');
  expect(isTooWide).toBe(false);
  expect(found).toEqual([]);
});

/** What axe finds, in both themes. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate<AxeResults>(
      `axe.run({ resultTypes: ['violations'] })`,
    );
    for (const { id, nodes } of violations) {
      found.push(...nodes.map(({ target }) => `${colorScheme}: ${id} at ${target.join(' ')}`));
    }
  }
  return found;
}

test('hostile replies bring no script, no request, no image and no exception', async () => {
  const { page, requests, complaints } = opened;
  const prng = new Prng(SEED);
  const before = requests.length;
  await show(
    'Hostile',
    Array.from({ length: 400 }, () => hostileReply(prng) || '-'),
  );
  await page.waitForFunction(() => document.querySelectorAll('article.answer').length === 200);
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll(
      '.answer :is(script, style, iframe, img, form, input, base, meta, link, object, embed)',
    ).length,
    hurt: 'hurt' in globalThis,
  }));

  expect(found, `seed ${SEED}`).toEqual({ elements: 0, hurt: false });
  expect(requests.slice(before).filter((url) => !url.startsWith(site.origin))).toEqual([]);
  expect(browser.attempts()).toEqual([]);
  expect(complaints).toEqual([]);
});
