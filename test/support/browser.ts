import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { KEEP, type KeptFile } from '../../src/contract/service-worker.ts';
import { findChromium } from './find-chromium.ts';
import { setNetworkTrap } from './network-trap.ts';

/** Less of what a browser does by itself, which would all show up in the trap. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** WebGPU by SwiftShader, right and very slow; without `shader-f16`. */
export const SOFTWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan,WebGPU',
  '--use-webgpu-adapter=swiftshader',
  '--use-vulkan=swiftshader',
  '--ignore-gpu-blocklist',
  // The page itself is painted without it, twice as fast as by SwiftShader.
  '--disable-gpu-compositing',
  '--disable-gpu-rasterization',
] as const;

const GPU = { none: ['--disable-gpu'], software: SOFTWARE_GPU } as const;

/** Where Chromium asks for updates, sign-ins and form fields by itself. */
const BROWSERS_OWN =
  /^([\w.-]+\.googleapis\.com|(accounts|clients\d)\.google\.com|redirector\.gvt1\.com)(:\d+)?$/;

/** Of what a trap caught, what a page or a worker asked for. */
export function attemptsOfPages(attempts: readonly string[]): readonly string[] {
  return attempts.filter((host) => !BROWSERS_OWN.test(host));
}

export interface TestBrowser {
  readonly context: BrowserContext;
  /** Hosts that a page or worker tried to reach beyond this machine, each attempt. */
  attempts(): readonly string[];
  openPage(url: string): Promise<TestPage>;
  close(): Promise<void>;
}

export interface TestPage {
  readonly page: Page;
  /** Errors and warnings on the console, uncaught errors, policy violations; of the page and its workers. */
  readonly complaints: readonly string[];
  /** Addresses of everything the page and its workers asked for. */
  readonly requests: readonly string[];
}

export interface BrowserOptions {
  readonly gpu?: keyof typeof GPU;
  /** Without one, every file comes from the site, where a test can change it on the way. */
  readonly hasServiceWorker?: boolean;
  /** What the visitor reads, as a browser tells it; English unless given. */
  readonly locale?: string;
  /** A profile that outlives the browser, for another one to go on with. */
  readonly profileFolder?: string;
}

/** A browser with an empty profile of its own, removed with it, unless it is given one; and no way out of this machine. */
export async function launchBrowser({
  gpu = 'none',
  hasServiceWorker = true,
  locale = 'en-US',
  profileFolder,
}: BrowserOptions = {}): Promise<TestBrowser> {
  const profile = profileFolder ?? (await mkdtemp(join(tmpdir(), 'offgrid-profile-')));
  const trap = await setNetworkTrap();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    locale,
    args: [
      ...QUIET,
      ...GPU[gpu],
      `--proxy-server=${trap.address}`, // never for localhost, unlike Playwright's own option
      // Chromium refuses its sandbox to root, which is who runs in most containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  if (!hasServiceWorker) await context.addInitScript(refuseServiceWorkers);
  return {
    context,
    attempts: () => attemptsOfPages(trap.attempts),
    openPage: (url) => openPage(context, url),
    async close() {
      await context.close();
      await trap.close();
      if (profileFolder !== undefined) return;
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** As where storage is switched off. Playwright's own option resolves with nothing, which no browser does. */
function refuseServiceWorkers(): void {
  ServiceWorkerContainer.prototype.register = () =>
    Promise.reject(new DOMException('refused by a test', 'SecurityError'));
}

async function openPage(context: BrowserContext, url: string): Promise<TestPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests };
}

/** Resolves once the page would open without a network: the service worker serves it, and every file is kept. */
export async function untilKept(page: Page): Promise<void> {
  const missing = await page.evaluate(async (keep) => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1: port, port2: far } = new MessageChannel();
    return new Promise<readonly string[]>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<readonly KeptFile[]>) =>
        resolve(
          data
            .filter(({ state, isNeeded }) => state !== 'kept' && isNeeded === 'always')
            .map(({ path, state }) => `${path}: ${state}`),
        );
      active?.postMessage(keep, [far]);
    });
  }, KEEP);
  if (missing.length > 0) throw new Error(`not kept: ${missing.join(', ')}`);
}
