import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  DownloadApi,
  DownloadOutcome,
  DownloadProgress,
  WantedFile,
} from '../../src/contract/download.ts';
import { AppError } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import { claimInProcess } from '../../src/store/claim.ts';
import { readChunkHashes } from '../../src/store/download/admit.ts';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import { createDownloader, type DownloaderOptions } from '../../src/store/download/downloader.ts';
import { hashHere } from '../../src/store/download/hashing.ts';
import { readWhole } from '../../src/store/files.ts';
import { readRecord } from '../../src/store/records.ts';
import { failureOf } from '../support/failure-of.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { listen, ModelHost } from '../support/model-host.ts';

const body = modelLike(2 * CHUNK_BYTES + 777);
const id = toModelId(sha256Of(body));
const CUT = Math.floor(body.byteLength * 0.37);
const STORED = [
  `sources/${id}/chunks.sha256`,
  `sources/${id}/model.gguf`,
  `sources/${id}/record.json`,
];

const host = new ModelHost(body);
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(host);
});
afterAll(() => server.close());

let files: MemoryFiles;
let downloader: DownloadApi;
beforeEach(() => {
  host.reset();
  files = new MemoryFiles();
  downloader = downloaderOn(files);
});

test('a file comes into the store, with the hashes of its chunks and nothing left of its coming', async () => {
  const { outcome, progress } = await get(downloader, published());

  expect(outcome).toEqual({ type: 'stored', id });
  expect(files.paths).toEqual(STORED);
  expect(Buffer.from((await readWhole(files, `sources/${id}/model.gguf`)) ?? []).equals(body)).toBe(
    true,
  );
  expect(await readRecord(files, id)).toMatchObject({
    id,
    title: 'As it calls itself',
    fileName: 'model.gguf',
    totalBytes: body.byteLength,
    origin: { type: 'download', url: server.url },
    vouchedBy: 'catalog',
  });
  expect(await readChunkHashes(files, id)).toEqual([
    sha256Of(body.subarray(0, CHUNK_BYTES)),
    sha256Of(body.subarray(CHUNK_BYTES, 2 * CHUNK_BYTES)),
    sha256Of(body.subarray(2 * CHUNK_BYTES)),
  ]);
  expect(progress.at(-1)).toMatchObject({ doneBytes: body.byteLength });
});

test('a file that is here already is not asked for', async () => {
  await get(downloader, published());
  const asked = host.served.length;

  const { outcome } = await get(downloaderOn(files), published());

  expect(outcome).toEqual({ type: 'stored', id });
  expect(host.served.length).toBe(asked);
});

describe('pausing', () => {
  test('keeps what came, is remembered, and ends when it is taken up again', async () => {
    host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: CUT } : {});

    const { outcome } = await get(downloader, published(), { press: 'pause', atBytes: CUT / 2 });

    expect(outcome).toEqual({ type: 'paused' });
    const [unfinished] = await downloader.unfinished();
    expect(unfinished).toMatchObject({
      file: { fileName: 'model.gguf' },
      totalBytes: body.byteLength,
      isPaused: true,
    });
    expect(unfinished?.doneBytes).toBeGreaterThan(0);
    const { outcome: then } = await get(downloaderOn(files), present(unfinished).file);
    expect(then).toEqual({ type: 'stored', id });
    expect(host.served[1]?.range?.from).toBe(unfinished?.doneBytes);
    expect(await downloader.unfinished()).toEqual([]);
  });

  test('cancelling deletes what came', async () => {
    host.manner = () => ({ stallAfterBytes: CUT });

    const { outcome } = await get(downloader, published(), { press: 'cancel', atBytes: CUT / 2 });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
  });

  test('a paused download can be discarded', async () => {
    host.manner = () => ({ stallAfterBytes: CUT });
    await get(downloader, published(), { press: 'pause', atBytes: CUT / 2 });
    const [unfinished] = await downloader.unfinished();

    await downloader.discard(present(unfinished).key);

    expect(files.paths).toEqual([]);
  });
});

describe('a tab that dies', () => {
  test('leaves what it had to the next one', async () => {
    host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: CUT } : {});
    const dying = get(downloader, published(), { press: 'pause', atBytes: CUT / 2 });
    await dying;
    files.loseLocks();

    const { outcome } = await get(downloaderOn(files), published());

    expect(outcome).toEqual({ type: 'stored', id });
    expect(host.sentBytes).toBeLessThan(body.byteLength * 1.02 + CUT);
  });

  test('after the file got its name leaves a source, and the rest is swept by the next one', async () => {
    await get(downloader, published());
    files.put(`downloads/${id}/journal`, '{"version":1}\n');

    const { outcome } = await get(downloaderOn(files), published());

    expect(outcome).toEqual({ type: 'stored', id });
    expect(files.paths).toEqual(STORED);
  });

  test('before the file got its name leaves a whole part, which is not fetched again', async () => {
    const stubborn = downloaderOn(files, {
      inspect: () => Promise.reject(new Error('the tab dies here')),
    });
    await expect(get(stubborn, published())).rejects.toThrow('dies');
    const asked = host.served.length;

    const { outcome } = await get(downloaderOn(files), published());

    expect(outcome).toEqual({ type: 'stored', id });
    expect(host.served.length).toBe(asked);
  });
});

describe('two tabs', () => {
  test('that want the same file fetch it once, and the second sees the progress of the first', async () => {
    const claim = claimInProcess();
    host.manner = () => ({ bytesPerSecond: 3e6 });
    const first = get(downloaderOn(files, { claim }), published());
    await until(() => host.served.length > 0);

    const second = get(downloaderOn(files, { claim }), published());

    expect((await first).outcome).toEqual({ type: 'stored', id });
    const { outcome, progress } = await second;
    expect(outcome).toEqual({ type: 'stored', id });
    expect(progress.some(({ doneBytes }) => doneBytes > 0)).toBe(true);
    expect(host.sentBytes).toBe(body.byteLength);
  });

  test('hand over: when the first dies, the second goes on where it was', async () => {
    const claim = claimInProcess();
    host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: CUT } : {});
    const openChannel = () => new BroadcastChannel('of a tab that dies without a word');
    const first = get(downloaderOn(files, { claim, openChannel }), published(), {
      press: 'pause',
      atBytes: CUT / 2,
    });
    await until(() => host.served.length > 0);

    const { outcome } = await get(downloaderOn(files, { claim }), published());

    expect((await first).outcome).toEqual({ type: 'paused' });
    expect(outcome).toEqual({ type: 'stored', id });
    expect(host.served[1]?.range?.from).toBeGreaterThan(0);
  });

  test('what a person presses in the first ends the second too: it does not take over', async () => {
    const claim = claimInProcess();
    host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: CUT } : {});
    const second = () => get(downloaderOn(files, { claim }), published());
    const first = get(downloaderOn(files, { claim }), published(), {
      press: 'pause',
      atBytes: CUT,
    });
    await until(() => host.served.length > 0);

    const outcomes = await Promise.all([first, second()]);

    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      { type: 'paused' },
      { type: 'paused' },
    ]);
    expect(host.served).toHaveLength(1);
  });

  test('what a person presses in the second stops the first', async () => {
    const claim = claimInProcess();
    host.manner = () => ({ stallAfterBytes: CUT });
    const first = get(downloaderOn(files, { claim }), published());
    await until(() => host.served.length > 0);

    const second = get(downloaderOn(files, { claim }), published(), {
      press: 'cancel',
      atBytes: 0,
    });

    expect((await second).outcome).toEqual({ type: 'cancelled' });
    expect((await first).outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
  });

  test('that want different files take turns, and the second knows what it waits for', async () => {
    const claim = claimInProcess();
    const other = modelLike(CHUNK_BYTES, 9);
    host.manner = ({ path }) => ({
      bytes: path === '/other' ? other : body,
      bytesPerSecond: 4e6,
    });
    const first = get(downloaderOn(files, { claim }), published());
    await until(() => host.served.length > 0);

    const { outcome, progress } = await get(
      downloaderOn(files, { claim }),
      published({ bytes: other, url: new URL('/other', server.url).href }),
    );

    expect(progress[0]?.wait).toEqual({ reason: 'other-download', waitMs: null });
    expect((await first).outcome.type).toBe('stored');
    expect(outcome.type).toBe('stored');
  });

  test('an unfinished download that runs is not discarded', async () => {
    const claim = claimInProcess();
    host.manner = () => ({ stallAfterBytes: CUT });
    const stop = new AbortController();
    const first = get(downloaderOn(files, { claim }), published(), { until: stop.signal });
    await until(async () => (await downloader.unfinished()).length > 0);
    const [unfinished] = await downloader.unfinished();

    const attempt = downloaderOn(files, { claim }).discard(present(unfinished).key);

    await expect(attempt).rejects.toMatchObject({ code: 'busy' });
    stop.abort();
    await first;
  });
});

describe('a file that nobody published', () => {
  const wanted = (): WantedFile => ({ ...published(), expected: null });

  test('is recorded with the hash that it has', async () => {
    const { outcome } = await get(downloader, wanted());

    expect(outcome).toEqual({ type: 'stored', id });
  });

  test.each<[string, Record<string, string>]>([
    ['its linked ETag', { 'x-linked-etag': `"${id}"`, 'x-linked-size': String(body.byteLength) }],
    ['its digest', { 'repr-digest': `sha-256=:${Buffer.from(id, 'hex').toString('base64')}:` }],
  ])('is held to the hash that its host tells by %s', async (_name, headers) => {
    let bytes = body;
    host.manner = () => ({ headers, bytes });
    expect((await get(downloader, wanted())).outcome).toEqual({ type: 'stored', id });
    await files.remove('sources');

    bytes = modelLike(body.byteLength, 8);
    await expect(get(downloader, wanted())).rejects.toMatchObject({ code: 'checksum-mismatch' });
  });

  test('on Hugging Face goes on where it was, though its address is now that of a commit', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${body.byteLength}\n`;
    const headers = { 'x-repo-commit': '0123456789abcdef0123456789abcdef01234567' };
    const hub = downloaderOn(files, {
      network: {
        origin: 'https://page.example',
        stallMs: 20_000,
        fetch: async (url, init) => {
          if (init.method === 'HEAD') return new Response(null, { status: 200 });
          return url.includes('/raw/')
            ? new Response(pointer, { headers })
            : fetch(server.url, init);
        },
      },
    });
    const url = 'https://huggingface.co/someone/models/resolve/main/model.gguf';
    host.manner = ({ index }) => (index === 0 ? { stallAfterBytes: CUT } : {});
    await get(hub, { ...wanted(), urls: [url] }, { press: 'pause', atBytes: CUT });

    const [unfinished] = await hub.unfinished();
    const { outcome } = await get(hub, present(unfinished).file);

    expect(outcome).toEqual({ type: 'stored', id });
    expect(host.sentBytes).toBe(body.byteLength);
    expect(await hub.unfinished()).toEqual([]);
  });

  test('on Hugging Face is held to what git keeps of it, at the commit that it is of', async () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${body.byteLength}\n`;
    const asked: string[] = [];
    const hub = downloaderOn(files, {
      network: {
        origin: 'https://page.example',
        stallMs: 20_000,
        fetch: async (url, init) => {
          asked.push(`${init.method ?? 'GET'} ${new URL(url).pathname}`);
          if (init.method === 'HEAD') return new Response(null, { status: 200 });
          if (url.includes('/raw/')) {
            return new Response(pointer, { headers: { 'x-repo-commit': commit } });
          }
          return fetch(server.url, init);
        },
      },
    });
    const url = 'https://huggingface.co/someone/models/resolve/main/sub/model.gguf';

    const { outcome } = await get(hub, { ...wanted(), urls: [url] });

    expect(outcome).toEqual({ type: 'stored', id });
    expect(asked).toEqual([
      'HEAD /someone/models/resolve/main/sub/model.gguf',
      'GET /someone/models/raw/main/sub/model.gguf',
      `GET /someone/models/resolve/${commit}/sub/model.gguf`,
    ]);
    expect((await readRecord(files, id))?.origin).toEqual({
      type: 'download',
      url: url.replace('main', commit),
    });
  });
});

describe('repairing', () => {
  const damage = async (at: number) => {
    const bytes = (await readWhole(files, `sources/${id}/model.gguf`)) ?? new Uint8Array(0);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    files.put(`sources/${id}/model.gguf`, bytes);
  };
  const repair = (on: DownloadApi) =>
    attend((events) => on.repair(id, ['https://nowhere.example/', server.url], events));
  const reachable = { isReachable: (url: string) => url === server.url };

  test('fetches the damaged chunk again and nothing else', async () => {
    await get(downloader, published());
    await damage(CHUNK_BYTES + 3);
    host.reset();

    const { outcome } = await repair(downloaderOn(files, reachable));

    expect(outcome).toEqual({ type: 'stored', id });
    expect(host.served).toMatchObject([{ range: { from: CHUNK_BYTES, end: 2 * CHUNK_BYTES } }]);
    expect(
      Buffer.from((await readWhole(files, `sources/${id}/model.gguf`)) ?? []).equals(body),
    ).toBe(true);
    expect(files.paths).toEqual(STORED);
  });

  test('where the hashes of the chunks are gone fetches all of it, and knows them then', async () => {
    await get(downloader, published());
    await damage(3);
    await files.remove(`sources/${id}/chunks.sha256`);

    const { outcome } = await repair(downloaderOn(files, reachable));

    expect(outcome).toEqual({ type: 'stored', id });
    expect(files.paths).toEqual(STORED);
  });

  test('of what is sound asks nobody', async () => {
    await get(downloader, published());
    host.reset();

    expect((await repair(downloaderOn(files, reachable))).outcome).toEqual({ type: 'stored', id });
    expect(host.served).toEqual([]);
  });

  test('that fails leaves the file where it is', async () => {
    await get(downloader, published());
    await damage(3);
    host.manner = () => ({ status: 404 });

    await expect(repair(downloaderOn(files, reachable))).rejects.toMatchObject({
      code: 'download-failed',
    });

    expect(files.paths).toEqual(STORED);
  });

  test('of what is not here is model-missing', async () => {
    await expect(repair(downloaderOn(files, reachable))).rejects.toMatchObject({
      code: 'model-missing',
    });
  });
});

/** What is made of it takes as much room again. */
const toBeCompiled = (): WantedFile => ({ ...published(), target: 'wasm-int8' });

test('without room for the file and what is made of it, nobody is asked, and the bytes are named', async () => {
  const small = downloaderOn(files, {
    estimate: async () => ({ usage: 900_000_000, quota: 900_000_000 + body.byteLength }),
  });

  expect(await failureOf(get(small, toBeCompiled()))).toMatchObject({
    code: 'storage-full',
    sentence: expect.stringMatching(/needs about 5 MB .* 3 MB left/),
  });

  expect(host.served).toEqual([]);
  expect(files.paths).toEqual([]);
});

test('room that the device did not know to be missing is named as well', async () => {
  files.quotaBytes = body.byteLength * 0.6;

  expect(await failureOf(get(downloader, toBeCompiled()))).toMatchObject({
    code: 'storage-full',
    sentence: expect.stringContaining('5 MB'),
  });

  expect(host.served).toEqual([]);
  expect(files.paths).toEqual([]);
});

test('an address that the policy of the page does not name is refused with what to do', async () => {
  const strict = downloaderOn(files, { isReachable: () => false });

  expect(await failureOf(get(strict, published()))).toMatchObject({
    code: 'download-failed',
    sentence: expect.stringContaining('by hand'),
  });
  expect(host.served).toEqual([]);
});

test('a file that this program cannot run is refused, and nothing of it is kept', async () => {
  const strict = downloaderOn(files, {
    inspect: () => Promise.reject(new AppError('unsupported-architecture', 'llama')),
  });

  await expect(get(strict, published())).rejects.toMatchObject({
    code: 'unsupported-architecture',
  });
  expect(files.paths).toEqual([]);
});

test.each(['http-404', 'page'])('a host without the file (%s) leaves nothing', async (what) => {
  host.manner = () =>
    what === 'page' ? { headers: { 'content-type': 'text/html' } } : { status: 404 };

  await expect(get(downloader, published())).rejects.toThrow(AppError);

  expect(files.paths).toEqual([]);
});

function downloaderOn(files: MemoryFiles, other: Partial<DownloaderOptions> = {}): DownloadApi {
  return createDownloader({
    files,
    claim: claimInProcess(),
    storeClaim: claimInProcess(),
    openChannel: () => new BroadcastChannel('downloads'),
    chunkHashesOf: async () => null,
    inspect: async () => ({ title: 'As it calls itself' }),
    isReachable: () => true,
    estimate: null,
    startHashing: () => hashHere,
    network: { fetch, origin: 'https://page.example', stallMs: 20_000 },
    connectivity: { isOnline: () => true, untilOnline: async () => {} },
    now: () => performance.timeOrigin + performance.now(),
    ...other,
  });
}

function published({ bytes = body, url = server.url } = {}): WantedFile {
  return {
    of: 'host',
    title: 'Model',
    fileName: 'model.gguf',
    urls: [url],
    expected: {
      totalBytes: bytes.byteLength,
      sha256: toModelId(sha256Of(bytes)),
      vouchedBy: 'catalog',
    },
  };
}

interface Pressing {
  readonly press?: 'pause' | 'cancel';
  /** Once so much is here. */
  readonly atBytes?: number;
  /** Cancels. */
  readonly until?: AbortSignal;
}

function get(
  downloader: DownloadApi,
  file: WantedFile,
  pressing: Pressing = {},
): Promise<{ outcome: DownloadOutcome; progress: DownloadProgress[] }> {
  return attend((events) => downloader.download(file, events), pressing);
}

async function attend(
  work: (events: MessagePort) => Promise<DownloadOutcome>,
  { press, atBytes = 0, until }: Pressing = {},
): Promise<{ outcome: DownloadOutcome; progress: DownloadProgress[] }> {
  const { port1: page, port2: worker } = new MessageChannel();
  const progress: DownloadProgress[] = [];
  const closed = new Promise((resolve) => page.addEventListener('close', resolve));
  page.onmessage = ({ data }: MessageEvent<DownloadProgress>) => {
    progress.push(data);
    if (press !== undefined && data.doneBytes >= atBytes) page.postMessage(press);
  };
  until?.addEventListener('abort', () => page.postMessage('cancel'));
  const outcome = await work(worker);
  await closed;
  return { outcome, progress };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing there');
  return value;
}

/** Begins like a GGUF and then does not compress. */
function modelLike(length: number, seed = 1): Uint8Array<ArrayBuffer> {
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
