/** `npm start -- --lan` as a person runs it, at an address of this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderUnicodeCompact } from 'uqr';
import { headersFor } from '../../src/pwa/headers.ts';

const ROOT = join(import.meta.dirname, '../..');
const LIMIT_MS = 60_000;

let server: ChildProcess;
let said = '';
let url = '';

beforeAll(async () => {
  server = start('--lan', '--host', '127.0.0.1', '--port', '0');
  said = await untilSaid(server, /Ctrl\+C ends this/);
  url = /https:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0] ?? '';
}, LIMIT_MS);

afterAll(async () => {
  server.kill();
  await once(server, 'exit');
});

function start(...args: readonly string[]): ChildProcess {
  const main = join(ROOT, 'serve/main.ts');
  return spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: ROOT });
}

function untilSaid(child: ChildProcess, ending: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (part: unknown) => {
      text += String(part);
      if (ending.test(text)) resolve(text);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('exit', () => reject(new Error(`it ended: ${text}`)));
  });
}

async function ask(options: RequestOptions): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { agent: false, ...options }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  return response;
}

test('the page comes over HTTPS with its headers, from the address that is printed', async () => {
  const response = await ask({ rejectUnauthorized: false });

  expect(response.statusCode).toBe(200);
  for (const [name, value] of Object.entries(headersFor('/'))) {
    expect(response.headers[name.toLowerCase()], name).toBe(value);
  }
});

test('its certificate has the fingerprint that is printed and is made for that address', async () => {
  const shown = (await ask({ rejectUnauthorized: false })).socket as TLSSocket;
  const certificate = shown.getPeerX509Certificate();

  expect(said).toContain(certificate?.fingerprint256);
  const trusting = await ask({ ca: certificate?.toString() });
  expect((trusting.socket as TLSSocket).authorized).toBe(true);
});

test('nobody vouches for it, which is said before the phone says so', async () => {
  await expect(ask({})).rejects.toThrow(/self[- ]signed/);
  expect(said).toMatch(/will warn/);
});

test('the code to scan holds the address', () => {
  expect(said).toContain(renderUnicodeCompact(url, { border: 2 }));
});

test('what it does not understand it refuses, with what it does', async () => {
  const child = start('--lann');
  const text = untilSaid(child, /npm start/);
  const [code] = (await once(child, 'exit')) as [number];

  expect([code, await text]).toEqual([2, expect.stringMatching(/--lann/)]);
});
