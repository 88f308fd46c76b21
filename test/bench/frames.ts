/**
 * Whether the page stays smooth: the time between frames while a very long answer streams beside many conversations. The
 * page, the guide and what it writes are real; behind the guide's own answer its worker repeats what it wrote, with Markdown
 * between, until the answer is as long as asked: the guide itself never writes so much.
 */
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { startAsking, untilGuideIsReady } from '../support/chat.ts';
import { injectFaults } from '../support/inference-faults.ts';
import { manyConversations } from '../support/saved-conversations.ts';
import { servePage } from '../support/serve-page.ts';
import type { FramesPlan } from './arguments.ts';
import { buildPageItself } from './build-page-itself.ts';
import { describeEnvironment } from './environment.ts';

const CONVERSATIONS = 500;
const LONGEST_WAIT_MS = 10 * 60_000;
/** Longer than this, a person sees it. */
const LONG_MS = 50;

export const FRAMES_DEFINITIONS = {
  frames:
    'time from one requestAnimationFrame callback to the next, from the question until the answer is whole',
  long: `of these, longer than ${LONG_MS} ms`,
  busy: 'long animation frames as the browser tells them: those in which scripts and layout took that long, with the scripts that did',
} as const;

export interface FramesReport {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly conversations: number;
  readonly tokens: number;
  /** Of the answer as shown. */
  readonly characters: number;
  readonly tookMs: number;
  readonly frames: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly long: number;
  /** Work of each long animation frame, in ms, and who did it; longest first. */
  readonly busy: readonly { readonly workMs: number; readonly by: string }[];
}

export async function measureFrames(
  { tokens, everyMs }: FramesPlan,
  say: (line: string) => void,
): Promise<FramesReport> {
  say('building the page');
  buildPageItself();
  return watchFrames({ tokens, everyMs }, say);
}

/** The same of a page that is built already. @param watchMore is called before the question; what it returns, when the answer is whole */
export async function watchFrames(
  { tokens, everyMs }: Pick<FramesPlan, 'tokens' | 'everyMs'>,
  say: (line: string) => void,
  folder = 'dist',
  watchMore: (page: Page) => Promise<() => Promise<void>> = async () => async () => {},
): Promise<FramesReport> {
  const site = await servePage({ folder });
  const browser = await launchBrowser();
  try {
    await injectFaults(browser.context, [`(${writeOn.toString()})(${tokens}, ${everyMs});`]);
    const { page } = await browser.openPage('about:blank');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(site.origin);
    await untilGuideIsReady(page);
    await openConversations(page);
    say(`${CONVERSATIONS} conversations are there`);
    await page.evaluate(REST); // making their rows is no part of what is measured
    await page.evaluate(WATCH);
    const end = await watchMore(page);
    const startedMs = performance.now();
    await startAsking(page, 'What can you do?');
    const answer = page.locator('article.answer:not([aria-busy])').first();
    await answer.waitFor({ timeout: LONGEST_WAIT_MS });
    const tookMs = performance.now() - startedMs;
    await end();
    const seen = (await page.evaluate('watched')) as Watched;
    const characters = (await answer.locator('.answer__text').textContent())?.length ?? 0;
    const gaps = seen.gaps.toSorted((a, b) => a - b);
    const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))] ?? 0;
    return {
      environment: { ...(await describeEnvironment()), definitions: FRAMES_DEFINITIONS },
      conversations: CONVERSATIONS,
      tokens,
      characters,
      tookMs,
      frames: gaps.length,
      medianMs: at(0.5),
      p99Ms: at(0.99),
      longestMs: at(1),
      long: gaps.filter((gap) => gap > LONG_MS).length,
      busy: seen.busy.toSorted((a, b) => b.workMs - a.workMs),
    };
  } finally {
    await browser.close();
    await site.stop();
  }
}

interface Watched {
  readonly gaps: readonly number[];
  readonly busy: FramesReport['busy'];
}

/** In the page, as text: a transpiler would add names that the page does not have. */
const WATCH = `
  globalThis.watched = { gaps: [], busy: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration, renderStart, scripts } of list.getEntries()) {
      const scriptMs = scripts.reduce((sum, script) => sum + script.duration, 0);
      const workMs = scriptMs + (renderStart > 0 ? startTime + duration - renderStart : 0);
      const by = scripts.map(({ invoker, sourceFunctionName, duration }) =>
        invoker + ' ' + sourceFunctionName + ' ' + Math.round(duration)).join('; ');
      watched.busy.push({ workMs, by });
    }
  }).observe({ type: 'long-animation-frame' });
  let last = performance.now();
  requestAnimationFrame(function frame() {
    const now = performance.now();
    watched.gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  });
  0;
`;

/** Resolves when the page has had nothing to do for a moment. */
const REST = `new Promise((resolve) => requestIdleCallback(() => setTimeout(resolve, 500)))`;

async function openConversations(page: Page): Promise<void> {
  const json = manyConversations(CONVERSATIONS);
  await page
    .getByTestId('open-conversations')
    .setInputFiles({ name: 'many.json', mimeType: 'application/json', buffer: Buffer.from(json) });
  await page.waitForFunction(
    (count) => document.querySelectorAll('.app__conversations .conversation-row').length >= count,
    CONVERSATIONS,
    { timeout: 60_000 },
  );
}

/** In the inference worker, and knows nothing of this file. */
function writeOn(tokens: number, everyMs: number): void {
  const close: (this: MessagePort) => void = Reflect.get(MessagePort.prototype, 'close');
  type Message = { type?: string; tokens: { text: string; atMs: number }[] };
  const post: (this: MessagePort, message: unknown) => void = Reflect.get(
    MessagePort.prototype,
    'postMessage',
  );
  const markdown = [
    '\n\n## A heading\n\n',
    '\n\n- one\n- two with **bold** and `code`\n\n',
    '\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n',
    '\n\n```js\nconst a = 1;\nfor (const x of y) f(x);\n```\n\n',
  ];
  const busy = new Set<MessagePort>();
  let steps: Message[] = [];
  MessagePort.prototype.close = function (this: MessagePort) {
    if (!busy.has(this)) close.call(this);
  };
  MessagePort.prototype.postMessage = function (this: MessagePort, message: Message) {
    if (message?.type === 'step' && message.tokens.length > 0) steps.push(message);
    if (message?.type !== 'end') return post.call(this, message);
    const recorded = steps;
    let sent = recorded.length;
    let atMs = recorded[sent - 1]?.tokens[0]?.atMs ?? 0;
    steps = [];
    busy.add(this);
    const timer = setInterval(() => {
      const step = structuredClone(recorded[sent % recorded.length]) as Message;
      atMs += everyMs;
      for (const token of step.tokens) {
        token.atMs = atMs;
        if (sent % 53 === 0) token.text = markdown[(sent / 53) % markdown.length] ?? '';
      }
      post.call(this, step);
      if (++sent < tokens) return;
      clearInterval(timer);
      post.call(this, message);
      busy.delete(this);
      close.call(this);
    }, everyMs);
  };
}

/** For a person's eye; ends with a line break. */
export function toFramesTable(report: FramesReport): string {
  const { conversations, tokens, characters, frames, medianMs, p99Ms, longestMs, long } = report;
  const lines = [
    `${tokens} tokens (${characters} characters) in ${(report.tookMs / 1000).toFixed(0)} s, ${conversations} conversations`,
    `${frames} frames: median ${medianMs.toFixed(1)} ms, 99th percentile ${p99Ms.toFixed(1)}, longest ${longestMs.toFixed(0)}`,
    `longer than ${LONG_MS} ms: ${long}`,
    ...report.busy.slice(0, 12).map(({ workMs, by }) => `  ${workMs.toFixed(0)} ms of work: ${by}`),
  ];
  return `${lines.join('\n')}\n`;
}
