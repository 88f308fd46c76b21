/** A Chromium to test with: one that is installed, else one that is installed now. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { bin } from './bin.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const APPS = ['Google Chrome', 'Chromium', 'Google Chrome for Testing'];

/** Long enough for 170 MB over a slow line; a host that does not answer at all must not hold the tests up. */
const DOWNLOAD_LIMIT_MS = 240_000;

/**
 * Path of a Chromium that starts. `CHROME_PATH` comes first; where there is none, gets one by Playwright's installer,
 * or as root on Debian by apt.
 *
 * @throws Error of one line that says what to install
 */
export function findChromium(): string {
  const found = installedChromium();
  if (found !== null) return found;

  process.stderr.write('No Chromium here; getting one (once) …\n');
  for (const install of [installByPlaywright, installByApt]) {
    install();
    const now = installedChromium();
    if (now !== null) return now;
  }
  throw new Error(
    'The browser tests need Chromium: install Chrome or Chromium, or set CHROME_PATH to one.',
  );
}

function installedChromium(): string | null {
  return candidates().find((path) => existsSync(path) && starts(path)) ?? null;
}

function candidates(): readonly string[] {
  const { CHROME_PATH, PATH = '' } = process.env;
  const inPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const apps = ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
    APPS.map((app) => join(folder, `${app}.app`, 'Contents/MacOS', app)),
  );
  return [
    ...(CHROME_PATH === undefined ? [] : [CHROME_PATH]),
    chromium.executablePath(),
    ...inPath,
    ...(process.platform === 'darwin' ? apps : []),
  ];
}

/** Not every file of that name is a browser that runs: libraries may be missing, Ubuntu's is a stub. */
function starts(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0;
}

function installByPlaywright(): void {
  run(bin('playwright-core'), ['install', '--no-shell', 'chromium']);
}

function installByApt(): void {
  const isDebian =
    existsSync('/etc/os-release') &&
    /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8')) &&
    process.getuid?.() === 0;
  if (!isDebian) return;
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

function run(command: string, args: readonly string[]): void {
  spawnSync(command, args, {
    timeout: DOWNLOAD_LIMIT_MS,
    stdio: 'ignore', // what failed is said once, at the end
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
