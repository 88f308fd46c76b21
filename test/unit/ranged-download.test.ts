import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DownloadProgress } from '../../src/contract/download.ts';
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import { CHUNK_BYTES, chunkCount } from '../../src/store/download/chunks.ts';
import {
  download,
  type DownloadHooks,
  type DownloadNeeds,
  type DownloadPlan,
} from '../../src/store/download/download.ts';
import { PART_NAME, partIn, PartFile } from '../../src/store/download/part-file.ts';
import { readWhole } from '../../src/store/files.ts';
import { inEnglish } from '../support/failure-of.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { listen, ModelHost, type Ask, type Manner } from '../support/model-host.ts';

/** Three chunks and a bit. */
const body = modelLike(3 * CHUNK_BYTES + 12_345);
const other = modelLike(body.byteLength, 2);
const expected = { totalBytes: body.byteLength, sha256: toModelId(sha256Of(body)) };
const chunkHashes = Array.from({ length: chunkCount(body.byteLength) }, (_, index) =>
  sha256Of(body.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
);
const CUT = Math.floor(body.byteLength * 0.37);

const host = new ModelHost(body);
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(host);
});
afterAll(() => server.close());

let files: MemoryFiles;
beforeEach(() => {
  host.reset();
  files = new MemoryFiles();
});

describe('what is published', () => {
  test('comes whole, with one request for all of it', async () => {
    const { outcome, progress } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
    expect(host.served).toMatchObject([{ range: { from: 0, end: body.byteLength }, status: 206 }]);
    expect(progress.at(-1)).toMatchObject({
      doneBytes: body.byteLength,
      totalBytes: body.byteLength,
      wait: null,
    });
  });

  test('and was cut at 37 % goes on from that very byte, in the same session', async () => {
    host.manner = once({ cutAfterBytes: CUT });

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.served.map(({ range }) => range?.from)).toEqual([0, CUT]);
    expect(host.sentBytes).toBe(body.byteLength);
  });

  test('and was cut before the page was reloaded goes on from that very byte as well', async () => {
    const reload = new AbortController();
    host.manner = once({ stallAfterBytes: CUT });
    const first = get({}, { signal: reload.signal, onProgress: stopAt(CHUNK_BYTES, reload) });
    const { outcome: before, part } = await first;

    const { outcome } = await get();

    expect([before, outcome]).toEqual(['stopped', expected.sha256]);
    expect(part.keptBytes).toBeGreaterThanOrEqual(CHUNK_BYTES);
    expect(host.served.map(({ range }) => range?.from)).toEqual([0, part.keptBytes]);
  });

  test('is fetched again only where the disk lost it', async () => {
    await get();
    const damaged = await content();
    damaged[CHUNK_BYTES + 99] = (damaged[CHUNK_BYTES + 99] ?? 0) ^ 4;
    files.put(`d/${PART_NAME}`, damaged);
    host.reset();

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
    expect(host.served).toMatchObject([
      { range: { from: CHUNK_BYTES, end: 2 * CHUNK_BYTES }, sentBytes: CHUNK_BYTES },
    ]);
  });

  test('with the hashes of its chunks is fetched again only where a bit flipped on the way', async () => {
    host.manner = once({ bytes: flipped(body, 2 * CHUNK_BYTES + 5) });

    const { outcome } = await get({ chunkHashes });

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
    expect(host.served.map(({ range }) => range)).toEqual([
      { from: 0, end: body.byteLength },
      { from: 2 * CHUNK_BYTES, end: 3 * CHUNK_BYTES },
    ]);
  });

  test('without them is refused when a bit flipped on the way, and nothing of it is kept', async () => {
    host.manner = () => ({ bytes: flipped(body, 5) });

    const { failure, part } = await get();

    expect(failure).toMatchObject({ code: 'checksum-mismatch' });
    expect(part.keptBytes).toBe(0);
  });

  test('is taken from the next address when the first has another file', async () => {
    host.manner = ({ path }) => (path.startsWith('/wrong') ? { bytes: other } : {});

    const { outcome } = await get({ urls: [address('/wrong'), address('/right')] });

    expect(outcome).toBe(expected.sha256);
  });

  test('with the hashes of its chunks knows another file after three chunks', async () => {
    const wrong = modelLike(12 * CHUNK_BYTES, 3);
    host.manner = () => ({ bytes: wrong, bytesPerSecond: 20e6 });

    const { failure } = await get({
      chunkHashes: Array.from({ length: 12 }, () => sha256Of(new Uint8Array(1))),
      expected: { totalBytes: wrong.byteLength, sha256: expected.sha256 },
    });

    expect(failure).toMatchObject({ code: 'checksum-mismatch' });
    expect(host.sentBytes).toBeLessThan(wrong.byteLength);
  });

  test.each<[string, Partial<Manner>]>([
    ['does not know ranges', { sendsParts: false }],
    ['does not say how long it is', { tellsLength: false }],
    ['changes its name for the file', { etag: null }],
  ])('comes from a host that %s', async (_name, manner) => {
    host.manner = () => manner;

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
  });

  test('from a host without ranges begins anew after a cut, and writes only what was missing', async () => {
    host.manner = ({ index }) => ({
      sendsParts: false,
      ...(index === 0 ? { cutAfterBytes: CUT } : {}),
    });

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.served.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('keeps what came when the host gives the file another name in the middle, for the hash decides', async () => {
    host.manner = ({ index }) =>
      index === 0 ? { cutAfterBytes: CUT, etag: '"one"' } : { etag: '"two"' };

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.sentBytes).toBe(body.byteLength);
  });

  test('is completed from the version that is sent now, when the file did change in the middle', async () => {
    host.manner = ({ index }) =>
      index === 0 ? { bytes: other, cutAfterBytes: CUT, etag: '"one"' } : { etag: '"two"' };

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
  });

  test('is not asked of an address that has a file of another length', async () => {
    host.manner = () => ({ bytes: body.subarray(1) });

    const { failure } = await get();

    expect(failure).toMatchObject({ code: 'length-mismatch' });
    expect(host.served).toHaveLength(1);
  });

  test('that ends early is asked for again where it ended', async () => {
    host.manner = once({ bytes: body.subarray(0, CUT), tellsLength: false, sendsParts: false });

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.served[1]?.range?.from).toBe(CUT);
  });
});

describe('what nobody published', () => {
  test('comes with the hash that it turns out to have', async () => {
    const { outcome } = await get({ expected: null });

    expect(outcome).toBe(expected.sha256);
    expect(await isWhole()).toBe(true);
  });

  test('comes from a host that does not say how much there is', async () => {
    host.manner = () => ({ tellsLength: false, sendsParts: false });

    const { outcome, progress } = await get({ expected: null });

    expect(outcome).toBe(expected.sha256);
    expect(progress.some(({ totalBytes, leftMs }) => totalBytes === null && leftMs === null)).toBe(
      true,
    );
  });

  test('goes on after a cut while the host calls it the same, and asks for just that', async () => {
    host.manner = once({ cutAfterBytes: CUT });

    const { outcome } = await get({ expected: null }, {}, { origin: new URL(server.url).origin });

    expect(outcome).toBe(expected.sha256);
    expect(host.served[1]).toMatchObject({
      headers: { 'if-range': '"one"', range: expect.stringContaining(`bytes=${CUT}-`) },
      status: 206,
    });
    expect(host.sentBytes).toBe(body.byteLength);
  });

  test.each([['this origin'], ['another origin']])(
    'begins anew when the file changed, on %s',
    async (whose) => {
      host.manner = ({ index }) =>
        index === 0 ? { bytes: other, cutAfterBytes: CUT, etag: '"one"' } : { etag: '"two"' };
      const origin = whose === 'this origin' ? new URL(server.url).origin : 'https://page.example';

      const { outcome } = await get({ expected: null }, {}, { origin });

      expect(outcome).toBe(expected.sha256);
      expect(await isWhole()).toBe(true);
    },
  );

  test('begins anew after a cut when the host has no name for the file', async () => {
    host.manner = ({ index }) => ({ etag: null, ...(index === 0 ? { cutAfterBytes: CUT } : {}) });

    const { outcome } = await get({ expected: null });

    expect(outcome).toBe(expected.sha256);
    expect(host.served.at(-1)?.range?.from).toBe(0);
  });

  test('is asked of its first address only', async () => {
    host.manner = () => ({ status: 404 });

    const { failure } = await get({ expected: null, urls: [address('/a'), address('/b')] });

    expect(failure).toMatchObject({ code: 'download-failed' });
    expect(host.served.map(({ path }) => path)).toEqual(['/a']);
  });

  test('is refused when it is empty', async () => {
    host.manner = () => ({ bytes: new Uint8Array(0), tellsLength: false, sendsParts: false });

    const { failure } = await get({ expected: null });

    expect(failure).toMatchObject({ code: 'length-mismatch' });
  });
});

describe('a host on a bad day', () => {
  test('that asks for patience is left alone for as long as it asked', async () => {
    host.manner = once({ status: 429, headers: { 'retry-after': '1' } });
    const startedMs = performance.now();

    const { outcome, progress } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(progress).toContainEqual(
      expect.objectContaining({ wait: { reason: 'asked-to', waitMs: expect.any(Number) } }),
    );
  });

  test('that asks for more patience than anyone has is left out, with its sentence', async () => {
    host.manner = () => ({ status: 429, headers: { 'retry-after': '90000' } });

    const { failure } = await get();

    expect(failure?.message).toContain('HTTP 429');
    expect(failure && inEnglish(failure)).toContain('is kept');
    expect(host.served).toHaveLength(1);
  });

  test.each([500, 502, 503, 504, 408])('HTTP %i passes', async (status) => {
    host.manner = once({ status });

    const { outcome, progress } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(progress).toContainEqual(
      expect.objectContaining({ wait: { reason: 'trouble', waitMs: expect.any(Number) } }),
    );
  });

  test.each<[number, RegExp]>([
    [401, /signed in/],
    [403, /by hand/],
    [404, /does not have this file/],
    [410, /does not have this file/],
    [451, /refused/],
  ])('HTTP %i is for good, and says what to do', async (status, words) => {
    host.manner = () => ({ status });

    const { failure } = await get();

    expect(failure).toMatchObject({ code: 'download-failed' });
    expect(failure?.message).toContain(`HTTP ${status}`);
    expect(failure && inEnglish(failure)).toMatch(words);
    expect(host.served).toHaveLength(1);
  });

  test('HTTP 403 after bytes came is an address that expired: it is asked again', async () => {
    host.manner = ({ index }) => {
      if (index === 0) return { cutAfterBytes: CUT };
      return index === 1 ? { status: 403 } : {};
    };

    expect((await get()).outcome).toBe(expected.sha256);
  });

  test('that never recovers is given up, and what came is kept', async () => {
    host.manner = ({ index }) => (index === 0 ? { cutAfterBytes: CUT } : { status: 503 });

    const { failure, part } = await get();

    expect(failure).toMatchObject({ code: 'download-failed' });
    expect(part.keptBytes).toBe(CUT);
  });

  test.each<[string, Partial<Manner>, ErrorCode]>([
    ['a page', { headers: { 'content-type': 'text/html' } }, 'html-not-model'],
    ['a page that calls itself bytes', { bytes: pageOf(body.byteLength) }, 'html-not-model'],
  ])('that sends %s is not the host of the file', async (_name, manner, code) => {
    host.manner = () => manner;

    const { failure, part } = await get();

    expect(failure).toMatchObject({ code });
    expect(part.keptBytes).toBe(0);
    expect(host.served).toHaveLength(1);
  });

  test('that falls silent is hung up on, and asked again', async () => {
    host.manner = once({ stallAfterBytes: CUT });

    const { outcome } = await get({}, {}, { stallMs: 300 });

    expect(outcome).toBe(expected.sha256);
    expect(host.served[1]?.range?.from).toBe(CUT);
  });

  test('that has no such range has a shorter file', async () => {
    host.manner = ({ index }) =>
      index === 0 ? { cutAfterBytes: CUT } : { bytes: body.subarray(0, CUT) };

    const { failure } = await get();

    expect(failure).toMatchObject({ code: 'length-mismatch' });
  });

  test('that refuses a range of a file it has is asked for all of it', async () => {
    host.manner = ({ index, range }) => {
      if (index === 0) return { cutAfterBytes: CUT };
      return range === null ? {} : { status: 416 };
    };

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.served.map(({ range }) => range === null)).toEqual([false, false, true]);
  });

  test('that compresses what it sends is asked for all of it', async () => {
    host.manner = () => ({ isCompressed: true });

    const { outcome } = await get();

    expect(outcome).toBe(expected.sha256);
    expect(host.served.map(({ range }) => range === null)).toEqual([false, true]);
  });

  test('is left for the next address, which goes on where the first ended', async () => {
    host.manner = ({ path, index }) => {
      if (path === '/b') return {};
      return index === 0 ? { cutAfterBytes: CUT } : { status: 404 };
    };

    const { outcome } = await get({ urls: [address('/a'), address('/b')] });

    expect(outcome).toBe(expected.sha256);
    expect(host.served.map(({ path, range }) => [path, range?.from])).toEqual([
      ['/a', 0],
      ['/b', CUT],
    ]);
  });

  test('is told as little as possible', async () => {
    const asked: RequestInit[] = [];

    await get({}, {}, { fetch: (url, init) => (asked.push(init), fetch(url, init)) });

    expect(asked).toMatchObject([
      { referrerPolicy: 'no-referrer', credentials: 'omit', cache: 'no-store' },
    ]);
    expect(Object.keys(asked[0]?.headers ?? {})).toEqual(['range']);
  });

  test('that is this page itself is asked as for a script, so that the browser keeps one copy', async () => {
    const asked: RequestInit[] = [];

    const { outcome } = await get(
      { of: 'page' },
      {},
      { fetch: (url, init) => (asked.push(init), fetch(url, init)) },
    );

    expect(outcome).toBe(expected.sha256);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ referrerPolicy: 'no-referrer', headers: {} });
    expect(asked[0]).not.toHaveProperty('cache');
  });

  test('does not have the key of its address in the log', async () => {
    host.manner = () => ({ status: 404 });

    const { failure } = await get({ urls: [`${address('/a')}?token=secret`] });

    expect(failure?.message).not.toContain('secret');
  });
});

describe('this device', () => {
  test('without a network waits until it has one', async () => {
    let isOnline = false;
    host.manner = once({ cutAfterBytes: 0 });

    const { outcome, progress } = await get({}, {}, undefined, {
      isOnline: () => isOnline,
      untilOnline: async () => void (isOnline = true),
    });

    expect(outcome).toBe(expected.sha256);
    expect(progress).toContainEqual(
      expect.objectContaining({ wait: { reason: 'offline', waitMs: null } }),
    );
  });

  test('that has no room refuses before the first byte is asked for', async () => {
    const { failure } = await get(
      {},
      {
        makeRoom: () => Promise.reject(new AppError('storage-full', 'no room')),
      },
    );

    expect(failure).toMatchObject({ code: 'storage-full' });
    expect(host.served).toEqual([]);
  });

  test('takes all the room before the first byte is asked for, and refuses where it is not there', async () => {
    files.quotaBytes = body.byteLength / 2;

    const { failure } = await get();

    expect(failure).toMatchObject({ code: 'storage-full' });
    expect(host.served).toEqual([]);
  });

  test('that runs out of room, as nobody knew how much would come, keeps what came', async () => {
    files.quotaBytes = body.byteLength / 2;
    host.manner = () => ({ tellsLength: false, sendsParts: false });

    const { failure, part } = await get({ expected: null });

    expect(failure).toMatchObject({ code: 'storage-full' });
    expect(part.keptBytes).toBeGreaterThan(0);
  });

  test('with a slow disk does not take it for a silent host', async () => {
    const slow = new MemoryFiles();
    const edit = slow.edit.bind(slow);
    slow.edit = async (path) => {
      const file = await edit(path);
      if (!path.endsWith(PART_NAME)) return file;
      const write = async (offset: number, bytes: Uint8Array) => {
        await new Promise((resolve) => setTimeout(resolve, 400));
        await file.write(offset, bytes);
      };
      return Object.create(file, { write: { value: write } }) as typeof file;
    };
    files = slow;

    expect((await get({}, {}, { stallMs: 300 })).outcome).toBe(expected.sha256);
  });
});

test('stopping before it begins asks nobody', async () => {
  const { outcome } = await get({}, { signal: AbortSignal.abort() });

  expect(outcome).toBe('stopped');
  expect(host.served).toEqual([]);
});

test('a host that serves each connection slowly is read by several', async () => {
  const large = modelLike(96 * CHUNK_BYTES, 5);
  const slow = new ModelHost(large);
  const { url, close } = await listen(slow);
  slow.manner = () => ({ bytesPerSecond: 20e6 });

  const { outcome, progress } = await get(
    {
      urls: [url],
      expected: { totalBytes: large.byteLength, sha256: toModelId(sha256Of(large)) },
    },
    {},
    {},
    undefined,
    () => 10 * performance.now(), // so that nobody has to wait until it is measured
  );

  expect(outcome).toBe(sha256Of(large));
  expect(Math.max(...progress.map(({ connections }) => connections))).toBeGreaterThan(1);
  // What is on its way when the first connection stops at the end of its span comes twice.
  expect(slow.sentBytes).toBeLessThan(large.byteLength * 1.1);
  await close();
});

function once(manner: Partial<Manner>): (ask: Ask) => Partial<Manner> {
  return ({ index }) => (index === 0 ? manner : {});
}

function address(path: string): string {
  return new URL(path, server.url).href;
}

function stopAt(bytes: number, stop: AbortController) {
  return ({ doneBytes }: DownloadProgress) => {
    if (doneBytes >= bytes) stop.abort();
  };
}

/** One session: opens what is there of the file, downloads, closes. */
async function get(
  plan: Partial<Omit<DownloadPlan, 'part'>> = {},
  hooks: Partial<DownloadHooks> = {},
  network: Partial<DownloadNeeds['network']> = {},
  connectivity: DownloadNeeds['connectivity'] = {
    isOnline: () => true,
    untilOnline: async () => {},
  },
  now = () => performance.now(),
) {
  const whole = { of: 'host' as const, urls: [server.url], expected, chunkHashes: null, ...plan };
  const wanted = {
    of: whole.of,
    title: 'Model',
    fileName: 'model.gguf',
    urls: whole.urls,
    expected: null,
  };
  const part = await PartFile.open(files, partIn('d'), wanted);
  const progress: DownloadProgress[] = [];
  const result = await download(
    { ...whole, part },
    {
      network: { fetch, origin: 'https://page.example', stallMs: 20_000, ...network },
      connectivity,
      now,
      patience: {
        firstWaitMs: 20,
        longestWaitMs: 100,
        longestAskedMs: 5_000,
        triesPerMirror: 3,
        triesInAll: 8,
      },
    },
    {
      makeRoom: async () => {},
      signal: new AbortController().signal,
      ...hooks,
      onProgress: (step) => {
        progress.push(step);
        hooks.onProgress?.(step);
      },
    },
  ).then(
    (outcome) => ({ outcome, failure: null }),
    (failure: unknown) => ({ outcome: null, failure: failure as AppError }),
  );
  await part.close();
  if (result.failure !== null && !(result.failure instanceof AppError)) throw result.failure;
  return { ...result, part, progress };
}

async function content(): Promise<Uint8Array> {
  return (await readWhole(files, `d/${PART_NAME}`)) ?? new Uint8Array(0);
}

async function isWhole(): Promise<boolean> {
  return Buffer.from(await content()).equals(body);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
}

function pageOf(length: number): Uint8Array {
  return new TextEncoder().encode('\n<!doctype html>'.padEnd(length));
}

/** Begins like a GGUF and then does not compress. */
function modelLike(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.set(new TextEncoder().encode('GGUF'));
  return bytes;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
