/**
 * How fast a model comes into the store: fetched, hashed, written and under its final name, beside a plain `fetch` of
 * the same file from the same server whose bytes nobody looks at.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { WantedFile } from '../../src/contract/download.ts';
import { toModelId, type ModelId } from '../../src/contract/model.ts';
import { present } from '../../src/lib/assert.ts';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import { launchBrowser } from '../support/browser.ts';
import { serveDownloadPage, type AnsweringHost } from '../support/download-page.ts';
import type { StorePlan } from './arguments.ts';
import { describeEnvironment } from './environment.ts';
import { parseRange } from './serve.ts';
import { spread, type Spread } from '../../src/lib/spread.ts';

const TINY = fileURLToPath(new URL('../golden/tiny-qwen2.gguf', import.meta.url));

/** Of the file that is made where none is given. */
const MADE_BYTES = 256 * CHUNK_BYTES;

export const STORE_DEFINITIONS = {
  plain:
    'bytes ÷ time from fetch() in a worker to the end of the body, every piece read and dropped',
  store:
    'bytes ÷ time from asking the download worker until the file lies in the store under its final name: fetched in ranges, the SHA-256 of every chunk compared with the published one, written, recorded. Starting the worker is part of it',
  storeWholeHash:
    'the same for a file of which only the SHA-256 of the whole is published: hashed in WASM as it streams',
  ratios: 'median of the store ÷ median of plain; rounds are interleaved',
  clock: 'performance.now() of the page; an empty store before each measurement',
} as const;

type StoreMeasure = 'plain' | 'store' | 'storeWholeHash';
const MEASURES: readonly StoreMeasure[] = ['plain', 'store', 'storeWholeHash'];

export interface StoreReport {
  readonly environment: Environment & {
    readonly rounds: number;
    readonly file: { readonly name: string; readonly totalBytes: number };
  };
  readonly rows: readonly (Spread & { readonly measure: StoreMeasure; readonly unit: 'MB/s' })[];
  readonly ratios: { readonly store: number; readonly storeWholeHash: number };
}

type Environment = Omit<Awaited<ReturnType<typeof describeEnvironment>>, 'definitions'> & {
  readonly definitions: typeof STORE_DEFINITIONS;
};

export async function measureStore(
  { modelPath, rounds }: StorePlan,
  say: (line: string) => void,
): Promise<StoreReport> {
  const folder = await mkdtemp(join(tmpdir(), 'offgrid-bench-store-'));
  try {
    const path = modelPath ?? (await makeFile(join(folder, 'made.gguf')));
    say('hashing the file');
    const file = await describeFile(path);
    const samples = await inTurns(path, file, rounds, say);
    return {
      environment: {
        ...(await describeEnvironment()),
        definitions: STORE_DEFINITIONS,
        rounds,
        file: { name: basename(path), totalBytes: file.totalBytes },
      },
      ...summarise(samples),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Samples = Readonly<Record<StoreMeasure, number[]>>;

async function inTurns(
  path: string,
  file: ServedFile,
  rounds: number,
  say: (line: string) => void,
): Promise<Samples> {
  const samples: Samples = { plain: [], store: [], storeWholeHash: [] };
  const host = hostOf(path, file.totalBytes);
  const browser = await launchBrowser();
  const sites = await Promise.all([
    serveDownloadPage(host, { [file.sha256]: file.chunkHashes }),
    serveDownloadPage(host, {}),
  ]);
  try {
    const [published, unpublished] = await Promise.all(
      sites.map(async ({ origin, url }) => {
        const { page } = await browser.openPage(url);
        await page.waitForFunction(() => window.downloads !== undefined);
        return { page, address: `${origin}/model.gguf` };
      }),
    );
    const places = { plain: published, store: published, storeWholeHash: unpublished };
    for (let round = 0; round <= rounds; round++) {
      for (const measure of MEASURES) {
        const { page, address } = present(places[measure], 'page');
        const tookMs = await (measure === 'plain'
          ? fetchPlainly(page, address)
          : bringIn(page, address, file));
        const megabytesPerSecond = file.totalBytes / 1e3 / tookMs;
        const name = round === 0 ? 'warm-up' : `round ${round}`;
        say(`${name}: ${measure} ${megabytesPerSecond.toFixed(0)} MB/s`);
        if (round > 0) samples[measure].push(megabytesPerSecond);
      }
    }
    return samples;
  } finally {
    await browser.close();
    for (const site of sites) await site.stop();
  }
}

async function fetchPlainly(page: Page, address: string): Promise<number> {
  const tookMs = await page.evaluate((url) => window.downloads?.fetchPlainly(url), address);
  return present(tookMs, 'the page under test');
}

async function bringIn(page: Page, address: string, file: ServedFile): Promise<number> {
  const { totalBytes, sha256 } = file;
  const wanted: WantedFile = {
    of: 'host',
    title: 'Model',
    fileName: 'model.gguf',
    urls: [address],
    expected: { totalBytes, sha256, vouchedBy: 'catalog' },
  };
  const found = await page.evaluate(async (wanted) => {
    const beganMs = performance.now();
    const result = await window.downloads?.get(wanted);
    const tookMs = performance.now() - beganMs;
    await window.downloads?.clear();
    return { result, tookMs };
  }, wanted);
  if (found.result?.outcome?.type !== 'stored') {
    throw new Error(`it was not stored: ${found.result?.error?.message ?? 'no answer'}`);
  }
  return found.tookMs;
}

function summarise(samples: Samples): Pick<StoreReport, 'rows' | 'ratios'> {
  const rows = MEASURES.map((measure) => ({
    measure,
    ...spread(samples[measure]),
    unit: 'MB/s' as const,
  }));
  const medianOf = (measure: StoreMeasure) => spread(samples[measure]).median;
  return {
    rows,
    ratios: {
      store: medianOf('store') / medianOf('plain'),
      storeWholeHash: medianOf('storeWholeHash') / medianOf('plain'),
    },
  };
}

/** For a person's eye; ends with a line break. */
export function toStoreTable({ rows, ratios }: StoreReport): string {
  const lines = rows.map(
    ({ measure, median, p25, p75, unit }) =>
      `${measure.padEnd(16)}${[median, p25, p75].map((value) => value.toFixed(0).padStart(6)).join('')}  ${unit}`,
  );
  return [
    `${'measure'.padEnd(16)}${['median', 'p25', 'p75'].map((head) => head.padStart(6)).join('')}`,
    ...lines,
    '',
    `of plain: store ${ratios.store.toFixed(2)}, storeWholeHash ${ratios.storeWholeHash.toFixed(2)}`,
    '',
  ].join('\n');
}

interface ServedFile {
  readonly totalBytes: number;
  readonly sha256: ModelId;
  readonly chunkHashes: readonly string[];
}

async function describeFile(path: string): Promise<ServedFile> {
  const { size: totalBytes } = await stat(path);
  const whole = createHash('sha256');
  const chunkHashes: string[] = [];
  // Pieces of this stream are as long as its buffer, the last one excepted.
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    whole.update(chunk as Buffer);
    chunkHashes.push(
      createHash('sha256')
        .update(chunk as Buffer)
        .digest('hex'),
    );
  }
  return { totalBytes, sha256: toModelId(whole.digest('hex')), chunkHashes };
}

/** The tiny model with noise behind it. */
async function makeFile(path: string): Promise<string> {
  await copyFile(TINY, path);
  await pipeline(
    Readable.from(noise(MADE_BYTES - (await stat(TINY)).size)),
    createWriteStream(path, { flags: 'a' }),
  );
  return path;
}

function* noise(totalBytes: number): Generator<Buffer> {
  for (let left = totalBytes; left > 0; left -= CHUNK_BYTES) {
    yield randomBytes(Math.min(left, CHUNK_BYTES));
  }
}

/** Sends the file, or the part that is asked for, as fast as this machine reads it. */
function hostOf(path: string, totalBytes: number): AnsweringHost {
  return {
    answer(request: IncomingMessage, response: ServerResponse) {
      const range = parseRange(request.headers.range, totalBytes);
      const { first, last } = range ?? { first: 0, last: totalBytes - 1 };
      response.writeHead(range === null ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'content-length': last - first + 1,
        'accept-ranges': 'bytes',
        ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${totalBytes}` }),
      });
      const file = createReadStream(path, { start: first, end: last, highWaterMark: CHUNK_BYTES });
      pipeline(file, response).catch(() => response.destroy()); // the browser hung up
    },
  };
}
