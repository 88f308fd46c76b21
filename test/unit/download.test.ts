import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import { download, type DownloadPlan, type Fetch } from '../../src/store/download.ts';
import {
  stallMsFor,
  startMisbehavingHost,
  type Behaviour,
  type MisbehavingHost,
} from '../support/misbehaving-host.ts';

const body = modelLike(300_000);
const published = { totalBytes: body.byteLength, sha256: toModelId(sha256Of(body)) };

let host: MisbehavingHost;
beforeAll(async () => {
  host = await startMisbehavingHost(body);
});
afterAll(() => host.close());

describe('a download whose size and hash are published', () => {
  test.each<Behaviour>(['good', 'no-length', 'gzip', 'redirect'])(
    'takes the file from a host that is %s',
    async (behaviour) => {
      const { received, arrived, progress } = await run(behaviour, { expected: published });

      expect(received).toEqual(published);
      expect(Buffer.concat(arrived).equals(body)).toBe(true);
      expect(progress.at(-1)).toEqual([body.byteLength, body.byteLength]);
    },
  );

  test.each<[Behaviour, ErrorCode]>([
    ['cut', 'download-failed'],
    ['cut-without-length', 'download-failed'],
    ['short', 'length-mismatch'],
    ['short-without-length', 'length-mismatch'],
    ['long', 'length-mismatch'],
    ['empty', 'length-mismatch'],
    ['flipped', 'checksum-mismatch'],
    ['page', 'html-not-model'],
    ['page-as-bytes', 'html-not-model'],
    ['error-as-xml', 'html-not-model'],
    ['no-answer', 'download-failed'],
    ['stall-midway', 'download-failed'],
    ['partial', 'download-failed'],
    ['http-404', 'download-failed'],
  ])('refuses what comes from a host that is %s: %s', async (behaviour, code) => {
    await expect(run(behaviour, { expected: published })).rejects.toMatchObject({
      code,
    });
  });
});

describe('a download that nobody published', () => {
  test.each<[Behaviour, number | null]>([
    ['good', body.byteLength],
    ['no-length', null],
    ['gzip', null],
  ])('from a host that is %s knows the size as %s beforehand', async (behaviour, totalBytes) => {
    const { received, opened } = await run(behaviour);

    expect(received).toEqual(published);
    expect(opened).toEqual([totalBytes]);
  });

  test('is refused when the connection breaks', async () => {
    await expect(run('cut')).rejects.toMatchObject({ code: 'download-failed' });
  });
});

test.each<[Behaviour, RegExp]>([
  ['http-401', /signed in/],
  ['http-403', /by hand/],
  ['http-404', /does not have this file/],
  ['http-429', /few minutes/],
  ['http-500', /problem of its own/],
])('%s: the status is in the log, and the sentence says what to do', async (behaviour, words) => {
  const error = await failureOf(run(behaviour));

  expect(error.message).toContain(behaviour.replace('http-', 'HTTP '));
  expect(error.userMessage).toMatch(words);
});

test.each<Behaviour>(['http-404', 'page', 'no-answer'])(
  'no file is begun for a host that is %s',
  async (behaviour) => {
    const opened: (number | null)[] = [];

    await failureOf(run(behaviour, {}, opened));

    expect(opened).toEqual([]);
  },
);

test('a host that is not there is a failed download with its cause', async () => {
  const gone = await startMisbehavingHost(body);
  const url = gone.url('good');
  await gone.close();

  const error = await failureOf(run('good', { url }));

  expect(error.code).toBe('download-failed');
  expect(error.cause).toBeInstanceOf(Error);
});

test('a stall is told apart from a broken connection', async () => {
  const error = await failureOf(run('stall-midway', { stallMs: 100 }));

  expect(error.message).toContain('sent nothing for 100 ms');
  expect(error.userMessage).toContain('stopped sending');
});

test('a slow disk is not taken for a stalled host', async () => {
  const { received } = await run('good', { stallMs: 400 }, [], 600);

  expect(received).toEqual(published);
});

test.each<[Behaviour, 'before the answer' | 'while it comes']>([
  ['no-answer', 'before the answer'],
  ['stall-midway', 'while it comes'],
])('a cancel ends a host that is %s at once, %s', async (behaviour) => {
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 50);
  const startedMs = performance.now();

  const received = await download(
    { ...planFor(behaviour), stallMs: 60_000 },
    async () => ({ write: async () => {} }),
    { onProgress: () => {}, signal: cancel.signal },
  );

  expect(received).toBe('cancelled');
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

test('a cancel that came before asks nobody', async () => {
  const before = host.requests.length;

  const received = await download(planFor('good'), unwanted, {
    onProgress: () => {},
    signal: AbortSignal.abort(),
  });

  expect(received).toBe('cancelled');
  expect(host.requests.length).toBe(before);
});

test('the request tells the host as little as it can', async () => {
  const asked: RequestInit[] = [];
  const spy: Fetch = (url, init) => {
    asked.push(init);
    return fetch(url, init);
  };

  await run('good', { fetch: spy });

  expect(asked).toMatchObject([
    { referrerPolicy: 'no-referrer', credentials: 'omit', cache: 'no-store' },
  ]);
});

test('a file of the page is asked for as its scripts are, so that the browser may have it already', async () => {
  const asked: RequestInit[] = [];
  const spy: Fetch = (url, init) => {
    asked.push(init);
    return fetch(url, init);
  };

  await run('good', { of: 'page', fetch: spy });

  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toHaveProperty('cache');
  expect(asked[0]).not.toHaveProperty('credentials');
});

test('after a refusal the host is not kept sending', async () => {
  let signal: AbortSignal | null | undefined;
  const spy: Fetch = (url, init) => {
    ({ signal } = init);
    return fetch(url, init);
  };

  await failureOf(run('page-as-bytes', { fetch: spy }));

  expect(signal?.aborted).toBe(true);
});

test('a key in the address does not get into the log', async () => {
  const error = await failureOf(run('http-404', { url: `${host.url('http-404')}?token=secret` }));

  expect(error.message).not.toContain('secret');
});

function planFor(behaviour: Behaviour): DownloadPlan {
  const stallMs = stallMsFor(behaviour);
  return { url: host.url(behaviour), expected: null, of: 'host', fetch, stallMs };
}

async function run(
  behaviour: Behaviour,
  plan: Partial<DownloadPlan> = {},
  opened: (number | null)[] = [],
  writeMs = 0,
) {
  const arrived: Uint8Array[] = [];
  const progress: [number, number | null][] = [];
  const write = async (piece: Uint8Array) => {
    if (writeMs > 0 && arrived.length === 0) await new Promise((r) => setTimeout(r, writeMs));
    arrived.push(piece.slice());
  };
  const received = await download(
    { ...planFor(behaviour), ...plan },
    async (totalBytes) => {
      opened.push(totalBytes);
      return { write };
    },
    {
      onProgress: (doneBytes, totalBytes) => progress.push([doneBytes, totalBytes]),
      signal: new AbortController().signal,
    },
  );
  return { received, arrived, progress, opened };
}

async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const outcome = await action.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw new Error('expected an AppError', { cause: outcome });
}

async function unwanted(): Promise<never> {
  throw new Error('nothing should be written');
}

/** Begins like a GGUF and then does not compress, so that gzip makes it longer. */
function modelLike(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
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
