/**
 * A browser that is killed while it downloads, twenty times at random moments, its profile kept: each time the next
 * one goes on, never takes what is broken for the model, and never fetches again what it had.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prng } from '../../src/lib/prng.ts';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import {
  idOf,
  serveDownloadPage,
  wantedFile,
  type DownloadPage,
} from '../support/download-page.ts';
import { launchKillable } from '../support/killable-browser.ts';
import { ModelHost } from '../support/model-host.ts';

const KILLS = 20;
/** Of a whole download at this speed, twenty parts. */
const BYTES_PER_SECOND = 6e6;
const CHUNKS = 60;

let body: Uint8Array;
let host: ModelHost;
let site: DownloadPage;
let profile: string;

beforeAll(async () => {
  body = new Uint8Array(CHUNKS * CHUNK_BYTES + 99);
  for (let at = 0; at < body.length; at++) body[at] = (at * 2_654_435_761) >>> 13;
  body.set(await readFile('test/golden/tiny-qwen2.gguf'));
  host = new ModelHost(body);
  site = await serveDownloadPage(host, {});
  profile = await mkdtemp(join(tmpdir(), 'offgrid-killed-'));
}, 120_000);

afterAll(async () => {
  await site?.stop();
  await rm(profile, { recursive: true, force: true, maxRetries: 3 });
});

test('killed twenty times, the model is whole at last, and what was fetched is not fetched again', async () => {
  const seed = Date.now() >>> 0;
  process.stdout.write(`note: the moments of the kills are those of seed ${seed}\n`);
  const prng = new Prng(seed);
  host.manner = () => ({ bytesPerSecond: BYTES_PER_SECOND });
  const wanted = wantedFile(site, body);
  const found: Record<string, string>[] = [];
  const begunAt: number[] = [];

  for (let kill = 0; kill < KILLS; kill++) {
    const { page, kill: end } = await launchKillable(profile, site.url);
    await page.waitForFunction(() => window.downloads !== undefined);
    found.push({ ...(await page.evaluate(() => window.downloads?.stored())) });
    const before = host.served.length;
    void page.evaluate((file) => window.downloads?.get(file), wanted).catch(() => {}); // it dies with the page
    const deadline = performance.now() + 20_000;
    while (host.served.length === before && performance.now() < deadline) await sleep(10);
    await sleep(prng.nextFraction() * 900);
    await end();
    begunAt.push(host.served[before]?.range?.from ?? body.byteLength);
  }
  const { page, kill: end } = await launchKillable(profile, site.url);
  await page.waitForFunction(() => window.downloads !== undefined);
  const last = await page.evaluate((file) => window.downloads?.get(file), wanted);
  found.push({ ...(await page.evaluate(() => window.downloads?.stored())) });
  await end();

  for (const [folder, hash] of found.flatMap((stored) => Object.entries(stored))) {
    expect(hash).toBe(folder);
  }
  expect(last?.outcome).toEqual({ type: 'stored', id: idOf(body) });
  expect(found.at(-1)).toEqual({ [idOf(body)]: idOf(body) });
  expect(begunAt).toEqual(begunAt.toSorted((a, b) => a - b));
  // A chunk that had begun to come is lost with the process, and what was on its way.
  expect(host.sentBytes).toBeLessThan(body.byteLength + KILLS * 2 * CHUNK_BYTES);
}, 240_000);

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
