import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

export interface KillableBrowser {
  readonly page: Page;
  /** Ends every process of it at once, as a crash or a drained battery does. The profile stays. */
  readonly kill: () => Promise<void>;
}

/** A browser that can be killed from outside, with the profile of one that was. */
export async function launchKillable(profile: string, url: string): Promise<KillableBrowser> {
  const portFile = join(profile, 'DevToolsActivePort');
  await rm(portFile, { force: true }); // of the one before
  const browser = spawn(
    findChromium(),
    [
      '--headless=new',
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-gpu',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      'about:blank', // one that is still on its way to a page may never answer who connects
    ],
    { detached: true, stdio: 'ignore' }, // a group of its own: one signal reaches all of it
  );
  const kill = async () => {
    if (browser.pid === undefined || browser.exitCode !== null) return;
    const gone = once(browser, 'exit');
    process.kill(-browser.pid, 'SIGKILL');
    await gone;
  };
  try {
    const [port] = (await untilWritten(portFile)).split('\n');
    const devtools = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [context] = devtools.contexts();
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
    if (page === undefined) throw new Error('the browser has no page');
    await page.goto(url);
    return { page, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

async function untilWritten(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('\n')) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
