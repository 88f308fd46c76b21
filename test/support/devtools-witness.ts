/**
 * A browser that is watched by the DevTools protocol from below: every page, worker, worker of a worker and service worker,
 * each held at its first line until it is watched.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromium, type Page } from 'playwright-core';
import { attemptsOfPages } from './browser.ts';
import { findChromium } from './find-chromium.ts';
import { setNetworkTrap } from './network-trap.ts';

export interface SeenRequest {
  /** `page`, `worker`, `service_worker`, … as the protocol calls them. */
  readonly maker: string;
  readonly url: string;
  /** The browser refused it by the page's policy: it was never sent. */
  isRefused: boolean;
}

export interface WitnessedBrowser {
  readonly page: Page;
  /** All that were made, WebSockets included, in order. */
  readonly requests: readonly SeenRequest[];
  /** Scripts that are watched, by what they are: `worker http://…`. */
  readonly watched: readonly string[];
  /** Hosts that were asked for beyond this machine. */
  attempts(): readonly string[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: {
    readonly sessionId?: string;
    readonly targetInfo?: { readonly type: string; readonly url: string };
    readonly requestId?: string;
    readonly request?: { readonly url: string };
    readonly url?: string;
    readonly blockedReason?: string;
  };
}

/** Tabs are no targets of requests: their pages are. The browser's own windows hold nothing of a page. */
const OTHERS = ['browser', 'tab', 'browser_ui'].map((type) => ({ type, exclude: true }));
const ATTACH = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };

export async function launchWitnessed(): Promise<WitnessedBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'offgrid-witnessed-'));
  const trap = await setNetworkTrap();
  const browser = spawn(
    findChromium(),
    [
      '--headless=new',
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
      '--remote-debugging-port=0',
      `--proxy-server=${trap.address}`,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-gpu',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const requests: SeenRequest[] = [];
  const watched: string[] = [];
  watch(browser.stdio[3] as Writable, browser.stdio[4] as Readable, requests, watched);
  const [port] = (await untilWritten(join(profile, 'DevToolsActivePort'))).split('\n');
  const driver = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = driver.contexts()[0]?.pages()[0];
  if (page === undefined) throw new Error('the browser has no page');
  return {
    page,
    requests,
    watched,
    attempts: () => attemptsOfPages(trap.attempts),
    async close() {
      const gone = once(browser, 'exit');
      await driver.close();
      browser.kill();
      await gone;
      await trap.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Messages are JSON, each ended by a zero byte. */
function watch(to: Writable, from: Readable, requests: SeenRequest[], watched: string[]): void {
  let lastId = 0;
  const send = (method: string, params: object = {}, sessionId?: string) =>
    to.write(`${JSON.stringify({ id: ++lastId, method, params, sessionId })}\0`);
  const makers = new Map<string, string>();
  const open = new Map<string, SeenRequest>();

  function hear({ id, error, method, sessionId = '', params = {} }: Message): void {
    if (id === 1 && error !== undefined) throw new Error(`not watched: ${error.message}`);
    const { targetInfo, requestId = '' } = params;
    const key = `${sessionId} ${requestId}`;
    const url = params.request?.url ?? params.url ?? '';
    switch (method ?? '') {
      case 'Target.attachedToTarget': {
        const session = params.sessionId ?? '';
        makers.set(session, targetInfo?.type ?? '?');
        watched.push(`${targetInfo?.type} ${targetInfo?.url}`);
        send('Network.enable', {}, session);
        send('Target.setAutoAttach', ATTACH, session);
        send('Runtime.runIfWaitingForDebugger', {}, session);
        break;
      }
      case 'Network.requestWillBeSent':
      case 'Network.webSocketCreated': {
        const seen = { maker: makers.get(sessionId) ?? '?', url, isRefused: false };
        requests.push(seen);
        open.set(key, seen);
        break;
      }
      case 'Network.loadingFailed': {
        const seen = open.get(key);
        if (seen !== undefined && params.blockedReason === 'csp') seen.isRefused = true;
        break;
      }
      default:
    }
  }

  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) hear(JSON.parse(part) as Message);
  });
  send('Target.setAutoAttach', { ...ATTACH, filter: [...OTHERS, {}] });
}

async function untilWritten(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('\n')) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
