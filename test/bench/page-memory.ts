/** What the built page itself costs in memory, as a person uses it: a file is opened, then a question is asked. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { COMPOSER_ID } from '../../src/ui/chat/focus-composer.ts';
import { phases as words } from '../../src/ui/words.ts';
import { launchBrowser } from '../support/browser.ts';
import { answerGreedily, chooseFile, untilGuideIsReady } from '../support/chat.ts';
import { servePage } from '../support/serve-page.ts';
import { buildPageItself } from './build-page-itself.ts';
import type { MemoryPlan } from './arguments.ts';
import { describeEnvironment } from './environment.ts';
import { watchRendererPeak, type RendererMemory } from './memory.ts';
import { PROSE } from './prose.ts';

export interface MemoryRow extends RendererMemory {
  /**
   * `compile`: from choosing the file until it is compiled; reading and checking included.
   * `load-after-compile`: until the model can be asked, in the same page.
   * `load`, `answer`: in a browser started anew, with the compiled model on disk.
   * `load-again`: in that browser, when the page is loaded again.
   */
  readonly phase: 'compile' | 'load-after-compile' | 'load' | 'answer' | 'load-again';
  readonly elapsedMs: number;
}

export interface MemoryReport {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly rows: readonly MemoryRow[];
}

const ANSWER_TOKENS = 64;
/** Words of English per token of context, so that the question fills three quarters of it. */
const QUESTION_WORDS = 0.6;
const LONGEST_WAIT_MS = 10 * 60_000;

const MEANING = {
  pssMb:
    'peak proportional set size of the largest renderer process (page, workers and WASM heaps), sampled every 100 ms, in 10⁶ bytes',
  rssMb: 'the same as resident set size: memory shared with other processes counts in full',
};

/**
 * @param say one line of progress
 * @throws Error when the page shows a failure, or where there is no `/proc`
 */
export async function measurePageMemory(
  { modelPath, contextTokens }: MemoryPlan,
  say: (line: string) => void,
): Promise<MemoryReport> {
  const { size } = await stat(modelPath);
  say('building the page');
  buildPageItself();
  const site = await servePage();
  const profileFolder = await mkdtemp(join(tmpdir(), 'offgrid-profile-'));
  let browser = await launchBrowser({ profileFolder });
  const rows: MemoryRow[] = [];
  const watch = async (phase: MemoryRow['phase'], work: () => Promise<void>) => {
    say(`${phase} …`);
    const meter = await watchRendererPeak();
    const startedMs = performance.now();
    let peak: RendererMemory | null = null;
    try {
      await work();
    } finally {
      peak = await meter.stop();
    }
    if (peak === null) throw new Error('no renderer process was found');
    rows.push({ phase, elapsedMs: performance.now() - startedMs, ...peak });
  };
  try {
    const { page } = await browser.openPage(site.origin);
    await untilGuideIsReady(page, LONGEST_WAIT_MS); // it answers meanwhile, and its memory counts as the page's
    await answerGreedily(page, ANSWER_TOKENS);
    await setContext(page, contextTokens);
    await watch('compile', async () => {
      await chooseFile(page, modelPath);
      await untilEither(page, progress(page, words.names.load));
    });
    await watch('load-after-compile', () => untilLoaded(page));
    await browser.close();

    browser = await launchBrowser({ profileFolder });
    const { page: again } = await browser.openPage(site.origin);
    await watch('load', async () => {
      await untilEither(again, progress(again, words.names.load));
      await untilLoaded(again);
    });
    await watch('answer', async () => {
      const field = again.locator(`#${COMPOSER_ID}`);
      await field.fill(questionFor(contextTokens));
      await field.press('Enter');
      const writing = again.locator('.answer[aria-busy="true"]');
      await writing.waitFor({ state: 'attached', timeout: LONGEST_WAIT_MS });
      await writing.waitFor({ state: 'detached', timeout: LONGEST_WAIT_MS });
    });
    await refuseFailure(again);
    await watch('load-again', async () => {
      await again.reload();
      await untilEither(again, progress(again, words.names.load));
      await untilLoaded(again);
    });
  } finally {
    await browser.close();
    await site.stop();
    await rm(profileFolder, { recursive: true, force: true, maxRetries: 3 });
  }
  return {
    environment: {
      ...(await describeEnvironment()),
      definitions: MEANING,
      modelBytes: size,
      contextTokens,
    },
    rows,
  };
}

async function setContext(page: Page, tokens: number): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).first().click();
  await page.getByLabel('Context, tokens').fill(String(tokens));
  await page.keyboard.press('Escape');
}

function questionFor(contextTokens: number): string {
  const words = PROSE.split(/\s+/);
  const count = Math.floor(QUESTION_WORDS * contextTokens);
  return Array.from({ length: count }, (_, index) => words[index % words.length]).join(' ');
}

const progress = (page: Page, name: string) => page.getByRole('progressbar', { name, exact: true });
const failure = (page: Page) => page.locator('.notice--failure');

/** Resolves when `wanted` shows; rejects with what the page says when that is a failure instead. */
async function untilEither(page: Page, wanted: ReturnType<typeof progress>): Promise<void> {
  await wanted.or(failure(page)).first().waitFor({ timeout: LONGEST_WAIT_MS });
  await refuseFailure(page);
}

async function untilLoaded(page: Page): Promise<void> {
  await progress(page, words.names.load).waitFor({ state: 'hidden', timeout: LONGEST_WAIT_MS });
  await refuseFailure(page);
}

async function refuseFailure(page: Page): Promise<void> {
  const [text] = await failure(page).allInnerTexts();
  if (text !== undefined) throw new Error(`the page says: ${text.replaceAll('\n', ' ')}`);
}

/** For a person's eye; ends with a line break. */
export function toMemoryTable({ rows }: MemoryReport): string {
  const lines = rows.map(({ phase, elapsedMs, pssMb, rssMb }) => {
    const seconds = (elapsedMs / 1000).toFixed(1).padStart(6);
    return `${phase.padEnd(20)}${seconds} s  PSS ${pssMb.toFixed(0).padStart(5)} MB  RSS ${rssMb.toFixed(0).padStart(5)} MB`;
  });
  return `${lines.join('\n')}\n`;
}
