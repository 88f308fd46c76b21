import { describe, expect, test } from 'vitest';
import type { RequestRecord } from '../../src/contract/requests.ts';
import { createLedger } from '../../src/state/ledger.ts';
import { purposeOf } from '../../src/state/request-purpose.ts';
import { countFetch } from '../../src/witness/count-fetch.ts';
import { recordOf } from '../../src/witness/tell-requests.ts';

const BASE = 'https://page.example/folder/';

const record = (path: string, part: Partial<RequestRecord> = {}): RequestRecord => ({
  maker: 'page',
  url: new URL(path, BASE).href,
  requests: 1,
  answeredBy: 'network',
  networkBytes: 100,
  ...part,
});

describe('the ledger', () => {
  test('adds up what one part of the page asked of one address', () => {
    const { ledger, enter } = createLedger(BASE);

    enter([record('a.js'), record('a.js', { networkBytes: 0, answeredBy: 'browser-cache' })]);

    expect(ledger.value.lines).toMatchObject([
      { requests: 2, networkBytes: 100, answeredBy: ['network', 'browser-cache'] },
    ]);
    expect(ledger.value).toMatchObject({ requests: 2, networkBytes: 100, requestsElsewhere: 0 });
  });

  test('tells bytes that came later without counting their request again', () => {
    const { ledger, enter } = createLedger(BASE);

    enter([record('models/a.gguf', { maker: 'download', networkBytes: 0 })]);
    enter([record('models/a.gguf', { maker: 'download', requests: 0, networkBytes: 5000 })]);

    expect(ledger.value).toMatchObject({ requests: 1, networkBytes: 5000 });
  });

  test('counts bytes once where a page’s request was answered by the service worker', () => {
    const { ledger, enter } = createLedger(BASE);

    enter([record('a.js', { answeredBy: 'service-worker', networkBytes: 0 })]);
    enter([record('a.js', { maker: 'service-worker', networkBytes: 700 })]);

    expect(ledger.value).toMatchObject({ requests: 2, networkBytes: 700 });
  });

  test('sets requests to other hosts apart, whoever made them', () => {
    const { ledger, enter } = createLedger(BASE);

    enter([record('a.js'), record('https://stranger.example/x?secret', { networkBytes: null })]);

    expect(ledger.value.requestsElsewhere).toBe(1);
    expect(ledger.value.lines[1]).toMatchObject({
      url: 'https://stranger.example/x?secret',
      isElsewhere: true,
      purpose: 'unknown',
      networkBytes: null,
    });
  });

  test('shows tries of the fire drill and does not count them', () => {
    const { ledger, enter } = createLedger(BASE);

    enter([
      record('https://canary.invalid/script.js', { answeredBy: 'untold', networkBytes: null }),
    ]);

    expect(ledger.value).toMatchObject({ requests: 0, requestsElsewhere: 0 });
    expect(ledger.value.lines).toMatchObject([{ purpose: 'drill' }]);
  });
});

test.each([
  ['', 'page'],
  ['index.html', 'page'],
  ['?utm_source=x', 'page'],
  ['service.worker.js', 'offline'],
  ['models/index.json', 'model-list'],
  ['models/mine.GGUF', 'model'],
  ['https://huggingface.co/Qwen/x/resolve/abc/qwen.gguf?download=true', 'model'],
  ['assets/guide-0m0uX3R6.gguf', 'guide'],
  ['workers/inference/DkcMBXuY.js', 'worker'],
  ['ort/1.31.0/ort-wasm-simd-threaded.mjs', 'runtime'],
  ['assets/relaxed-AbC_d-1.wasm', 'runtime'],
  ['assets/index-a.css', 'look'],
  ['assets/index-a.js', 'script'],
  ['../other/a.js', 'unknown'],
  ['something/else', 'unknown'],
  ['https://stranger.example/', 'unknown'],
  ['https://huggingface.co/api/models/Qwen/x/tree/main?recursive=true', 'model-list'],
] as const)('%s is asked for as: %s', (path, purpose) => {
  expect(purposeOf(new URL(path, BASE).href, BASE)).toBe(purpose);
});

test.each([
  ['over the network', { transferSize: 1300 }, 'network', 1300],
  ['by the service worker', { transferSize: 300, workerStart: 5 }, 'service-worker', 0],
  ['from the browser’s cache', { decodedBodySize: 50 }, 'browser-cache', 0],
  ['by another origin, which tells nothing', {}, 'untold', null],
] as const)('what was answered %s is told so', (_name, part, answeredBy, networkBytes) => {
  const entry = { name: `${BASE}a.js#part`, transferSize: 0, decodedBodySize: 0, workerStart: 0 };

  expect(recordOf('page', { ...entry, ...part })).toEqual({
    maker: 'page',
    url: `${BASE}a.js`,
    requests: 1,
    answeredBy,
    networkBytes,
  });
});

function counted(response: () => Response | Promise<Response>) {
  const told: RequestRecord[] = [];
  const send = async () => response();
  return { told, fetch: countFetch('download', (records) => told.push(...records), send) };
}

describe('a counted fetch', () => {
  const url = 'https://models.example/a.gguf';

  test('gives the same bytes, status and headers, and tells their number', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(10_000));
    const headers = { 'content-range': 'bytes 0-9999/20000' };
    const { told, fetch } = counted(() => new Response(bytes, { status: 206, headers }));

    const response = await fetch(url);

    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect([response.status, response.headers.get('content-range')]).toEqual([
      206,
      'bytes 0-9999/20000',
    ]);
    expect(told).toMatchObject([
      { url, requests: 1, networkBytes: 0 },
      { url, requests: 0, networkBytes: 10_000 },
    ]);
  });

  test('tells of a request that fails, and fails as it did', async () => {
    const { told, fetch } = counted(() => Promise.reject(new TypeError('no network')));

    await expect(fetch(url)).rejects.toThrow('no network');
    expect(told).toMatchObject([{ url, requests: 1, networkBytes: 0 }]);
  });

  test('tells what came before a body broke off, and passes the break on', async () => {
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new Uint8Array(123));
        else controller.error(new TypeError('cut off'));
      },
    });
    const { told, fetch } = counted(() => new Response(body));

    await expect((await fetch(url)).arrayBuffer()).rejects.toThrow('cut off');
    expect(told.at(-1)).toMatchObject({ requests: 0, networkBytes: 123 });
  });

  test('lets who reads have his own memory filled, and tells what came into it, and of a break', async () => {
    let pulls = 0;
    const body = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new Uint8Array(123).fill(7));
        else controller.error(new TypeError('cut off'));
      },
    });
    const { told, fetch } = counted(() => new Response(body));

    const reader = (await fetch(url)).body?.getReader({ mode: 'byob' });
    const first = await reader?.read(new Uint8Array(1000));

    expect(first?.value).toEqual(new Uint8Array(123).fill(7));
    expect(first?.value?.buffer.byteLength).toBe(1000);
    await expect(reader?.read(new Uint8Array(1000))).rejects.toThrow('cut off');
    expect(told.at(-1)).toMatchObject({ requests: 0, networkBytes: 123 });
  });

  test('ends where a body ends that fills the memory of who reads', async () => {
    const { told, fetch } = counted(() => new Response(new Blob([new Uint8Array(50)]).stream()));

    const reader = (await fetch(url)).body?.getReader({ mode: 'byob' });
    await reader?.read(new Uint8Array(100));

    expect((await reader?.read(new Uint8Array(100)))?.done).toBe(true);
    expect(told.at(-1)).toMatchObject({ requests: 0, networkBytes: 50 });
  });

  test('stops the host when nobody wants the rest', async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(50)),
      cancel: () => void (isCancelled = true),
    });
    const { told, fetch } = counted(() => new Response(body));

    const reader = (await fetch(url)).body?.getReader();
    await reader?.read();
    await reader?.cancel();

    expect(isCancelled).toBe(true);
    expect(told.at(-1)?.networkBytes).toBeGreaterThanOrEqual(50);
  });
});
