/**
 * One file from one address, streamed to a sink and hashed on the way. Refuses whatever is not that file; knows
 * nothing of where it will lie. The only module of the program that calls `fetch` for a model.
 */
import { AppError } from '../contract/errors.ts';
import type { ModelId } from '../contract/model.ts';
import type { ByteSink } from '../lib/bytes.ts';
import { receive, type Received } from './verify.ts';
import { beginsLikePage } from './web-page.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface DownloadPlan {
  readonly url: string;
  /** What the file has to be; null where nobody published it. */
  readonly expected: { readonly totalBytes: number; readonly sha256: ModelId } | null;
  /**
   * Whose file it is. A host of models is told nothing and the browser keeps no copy, for the store does. A file of
   * the page is asked for as its scripts are, so that one copy serves the store and the service worker.
   */
  readonly of: 'host' | 'page';
  readonly fetch: Fetch;
  /** Longest wait for an answer or for the next piece, in milliseconds. */
  readonly stallMs: number;
}

export interface DownloadHooks {
  /** `totalBytes` is null while nobody said how much will come. */
  onProgress(doneBytes: number, totalBytes: number | null): void;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
}

/**
 * @param openSink called once a host has answered with something that may be the file, with its size where known;
 *   the sink is the caller's to close, or to remove unless a `Received` comes back
 * @throws AppError `download-failed`, `html-not-model`, `length-mismatch`, `checksum-mismatch`, and as the sink does
 */
export async function download(
  plan: DownloadPlan,
  openSink: (totalBytes: number | null) => Promise<ByteSink>,
  hooks: DownloadHooks,
): Promise<Received | 'cancelled'> {
  const { expected } = plan;
  const request = new AbortController();
  const onCancel = () => request.abort();
  if (hooks.signal.aborted) return 'cancelled';
  hooks.signal.addEventListener('abort', onCancel);
  try {
    const response = await begin(plan, request.signal);
    const totalBytes = expected?.totalBytes ?? announcedBytes(response);
    const sink = await openSink(totalBytes);
    const received = await receive(pieces(response, plan), sink, {
      onProgress: (doneBytes) => {
        if (totalBytes !== null) refuseExcess(doneBytes, totalBytes);
        hooks.onProgress(doneBytes, totalBytes);
      },
      signal: hooks.signal,
    });
    if (received === 'cancelled') return 'cancelled';
    if (totalBytes !== null && received.totalBytes !== totalBytes) {
      throw wrongLength(received.totalBytes, totalBytes);
    }
    if (expected !== null && received.sha256 !== expected.sha256) {
      const found = `${received.sha256} instead of ${expected.sha256}`;
      throw new AppError('checksum-mismatch', `${placeOf(plan.url)} has SHA-256 ${found}`);
    }
    return received;
  } catch (error) {
    if (hooks.signal.aborted) return 'cancelled';
    throw error;
  } finally {
    hooks.signal.removeEventListener('abort', onCancel);
    request.abort(); // after a refusal the rest is not wanted
  }
}

async function begin(plan: DownloadPlan, signal: AbortSignal): Promise<Response> {
  const answer = plan.fetch(plan.url, {
    signal,
    referrerPolicy: 'no-referrer',
    ...(plan.of === 'host' ? { credentials: 'omit', cache: 'no-store' } : {}),
  });
  const response = await inTime(answer, plan);
  if (response.status !== 200) {
    const log = `${placeOf(plan.url)} answered HTTP ${response.status}`;
    throw new AppError('download-failed', log, { userMessage: sentenceFor(response.status) });
  }
  if (/html/i.test(response.headers.get('content-type') ?? '')) throw pageInstead(plan);
  return response;
}

async function* pieces(response: Response, plan: DownloadPlan): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (let isPage: boolean | null = null; ;) {
    const { done, value } = await inTime(reader.read(), plan);
    if (done) return;
    isPage ??= beginsLikePage(value);
    if (isPage === true) throw pageInstead(plan);
    yield value;
  }
}

/** Waits for one step of the network; what it throws becomes `download-failed`. */
async function inTime<T>(step: Promise<T>, { url, stallMs }: DownloadPlan): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stall = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const log = `${placeOf(url)} sent nothing for ${stallMs} ms`;
      reject(new AppError('download-failed', log, { userMessage: STALLED }));
    }, stallMs);
  });
  try {
    return await Promise.race([step, stall]);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('download-failed', `the connection to ${placeOf(url)} broke`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** `Content-Length`, where it counts the bytes that we will see: of a compressed body it does not. */
function announcedBytes(response: Response): number | null {
  if ((response.headers.get('content-encoding') ?? 'identity') !== 'identity') return null;
  const header = response.headers.get('content-length');
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

function refuseExcess(doneBytes: number, totalBytes: number): void {
  if (doneBytes > totalBytes) throw wrongLength(doneBytes, totalBytes);
}

function wrongLength(bytes: number, totalBytes: number): AppError {
  return new AppError('length-mismatch', `${bytes} bytes came where ${totalBytes} were due`);
}

function pageInstead({ url }: DownloadPlan): AppError {
  return new AppError('html-not-model', `${placeOf(url)} answered with a page`);
}

const STALLED =
  'The host stopped sending, and what came was deleted. Check the connection and try again in a few minutes.';

function sentenceFor(status: number): string {
  if (status === 401 || status === 403) {
    return `The host does not give this file to everybody (HTTP ${status}). Download it by hand, signed in there, and open it here.`;
  }
  if (status === 404 || status === 410) {
    return `The host does not have this file any more (HTTP ${status}). Check the address, or get the file elsewhere and open it here.`;
  }
  if (status === 429) {
    return 'The host asks for patience: too many downloads at once (HTTP 429). Try again in a few minutes.';
  }
  if (status >= 500) {
    return `The host has a problem of its own (HTTP ${status}). Try again in a few minutes.`;
  }
  return `The host refused the download (HTTP ${status}). Try again, or download the file by hand and open it here.`;
}

/** An address for the log: without its query, which may hold a key. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
