/**
 * One request for a part of a file, and what the host's answer turns out to be. The only module of the program that
 * calls `fetch` for a model.
 */
import { AppError } from '../../contract/errors.ts';
import { toModelId, type ModelId } from '../../contract/model.ts';
import { fillingReader } from '../../lib/filling-reader.ts';
import { beginsLikePage } from '../web-page.ts';
import { HostFailure, lasting, passing, placeOf, refusal } from './host-failure.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Network {
  readonly fetch: Fetch;
  /** Of this program: other origins refuse request headers that they did not expect. */
  readonly origin: string;
  /** Longest wait for an answer or for the next piece, in milliseconds. */
  readonly stallMs: number;
}

export interface Question {
  /** See `WantedFile`. */
  readonly of: 'host' | 'page';
  readonly url: string;
  /** First byte that is wanted. */
  readonly from: number;
  /** Where what is wanted ends, exclusive; null for the end of the file. */
  readonly end: number | null;
  /** Ask for all of the file, as old and simple programs do. */
  readonly wholeOnly: boolean;
  /** What the host called the file when earlier bytes came (see `Answer.validator`); null where none did. */
  readonly validator: string | null;
  /** The host has sent a part of this file before. */
  readonly hasDelivered: boolean;
}

export interface Answer {
  readonly type: 'answer';
  /** Offset in the file of the first byte that comes: what was asked for, or less. */
  readonly from: number;
  /** Length of the whole file; null where the host does not say, or not to other origins. */
  readonly totalBytes: number | null;
  /** False where the host is known not to: it sent the same file from its beginning where a part was asked for. */
  readonly sendsParts: boolean;
  /** The host's name for this version of the file: its strong ETag, else its date. Null where it has none. */
  readonly validator: string | null;
  /** As Hugging Face tells it of large files; null elsewhere. */
  readonly sha256: ModelId | null;
  /**
   * The body, each piece at most `stallMs` after the one before, and in the same memory. Throws `HostFailure` when it
   * breaks off.
   */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Hangs up. */
  end(): void;
}

/**
 * HTTP 416: the host says that the file has no such bytes, and sometimes how many it has. Or it compresses what it
 * sends: parts of that mean nothing, and browsers unpack only what was asked for without naming a part.
 */
export interface NoSuchRange {
  readonly type: 'no-such-range';
  readonly totalBytes: number | null;
}

/** @throws HostFailure, also for what is not the file at all: a page, an error in XML */
export async function askHost(
  question: Question,
  network: Network,
  signal: AbortSignal,
): Promise<Answer | NoSuchRange> {
  const request = new AbortController();
  const hangUp = () => request.abort();
  signal.addEventListener('abort', hangUp);
  if (signal.aborted) hangUp();
  const end = () => {
    signal.removeEventListener('abort', hangUp);
    hangUp();
  };
  try {
    const response = await inTime(
      network.fetch(question.url, {
        signal: request.signal,
        referrerPolicy: 'no-referrer',
        headers: rangeHeaders(question, network.origin),
        // The store is the cache; the browser's own would keep the file a second time.
        ...(question.of === 'host' ? { credentials: 'omit', cache: 'no-store' } : {}),
      }),
      question.url,
      network.stallMs,
      true,
    );
    if (response.status === 416 || (isEncoded(response) && !question.wholeOnly)) {
      end();
      return { type: 'no-such-range', totalBytes: totalIn(response) };
    }
    const coming = whatComes(response, question);
    return {
      type: 'answer',
      ...coming,
      validator: validatorOf(response),
      sha256: sha256In(response),
      pieces: pieces(response, coming.from, question.url, network.stallMs),
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

/**
 * `If-Range` (RFC 9110 §13.1.5) saves asking twice when the file has changed. It is sent to this origin only: for
 * another one it costs a preflight request, which the file servers of Hugging Face and ModelScope refuse (their
 * `access-control-allow-headers` lack it; huggingface/datasets#7931, modelscope/modelscope#1399). There, the caller
 * compares.
 */
function rangeHeaders(question: Question, origin: string): Record<string, string> {
  const { url, from, end, wholeOnly, validator } = question;
  if (wholeOnly) return {};
  const isConditional = validator !== null && new URL(url).origin === origin;
  return {
    range: `bytes=${from}-${end === null ? '' : end - 1}`,
    ...(isConditional ? { 'if-range': validator } : {}),
  };
}

function whatComes(
  response: Response,
  question: Question,
): Pick<Answer, 'from' | 'totalBytes' | 'sendsParts'> {
  const { url, from, wholeOnly, validator } = question;
  const isPart = response.status === 206 && !wholeOnly;
  if (!isPart && response.status !== 200) {
    throw refusal(response, placeOf(url), question.hasDelivered);
  }
  if (/html/i.test(response.headers.get('content-type') ?? '')) throw pageInstead(url);
  if (isPart) return { ...rangeIn(response, question), sendsParts: true };
  // Those who send parts also send all of a file that changed, and may do so when asked from byte 0.
  const isChanged = validator !== null && validatorOf(response) !== validator;
  const sendsParts = !isEncoded(response) && (wholeOnly || from === 0 || isChanged);
  return { from: 0, totalBytes: announcedBytes(response), sendsParts };
}

function rangeIn(
  response: Response,
  { url, from, end }: Question,
): Pick<Answer, 'from' | 'totalBytes'> {
  const header = response.headers.get('content-range');
  const [, first, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(header ?? '') ?? [];
  if (first !== undefined) {
    if (Number(first) > from) {
      throw lasting(
        new AppError('download-failed', `${placeOf(url)} sent from ${first}, asked from ${from}`),
      );
    }
    return { from: Number(first), totalBytes: total === '*' ? null : Number(total) };
  }
  // Other origins may hide the header: then the length says whether this is the part that was asked for.
  const length = announcedBytes(response);
  if (header !== null || length === null || end === null || length !== end - from) {
    throw lasting(
      new AppError('download-failed', `${placeOf(url)} sent a part without saying which`),
    );
  }
  return { from, totalBytes: null };
}

function totalIn(response: Response): number | null {
  const header = response.headers.get('content-range') ?? '';
  const total = /^bytes \*\/(\d{1,15})$/.exec(header)?.[1];
  return total === undefined ? null : Number(total);
}

/** `Content-Length`, where it counts the bytes that we will see: of a compressed body it does not. */
function announcedBytes(response: Response): number | null {
  if (isEncoded(response)) return null;
  const header = response.headers.get('content-length');
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

function isEncoded(response: Response): boolean {
  return (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
}

function validatorOf({ headers }: Response): string | null {
  const etag = headers.get('etag');
  if (etag !== null && etag.startsWith('"')) return etag; // `W/` is equal for what is merely alike
  return headers.get('last-modified');
}

function sha256In({ headers }: Response): ModelId | null {
  const hex = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
  return hex === undefined ? null : toModelId(hex);
}

async function* pieces(
  response: Response,
  from: number,
  url: string,
  stallMs: number,
): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return;
  const read = reader(response.body);
  for (let isPage: boolean | null = from === 0 ? null : false; ;) {
    const { done, value } = await inTime(read(), url, stallMs);
    if (done) return;
    isPage ??= beginsLikePage(value);
    if (isPage === true) throw pageInstead(url);
    yield value;
  }
}

/** Enough for what comes while the piece before is looked at. */
const PIECE_BYTES = 1 << 20;

/**
 * Has the browser fill the same memory again and again where it can. Measured 2026-11-25, Chromium 156, from the same
 * machine, two cores: fresh memory for each piece took half of the reading thread's time.
 */
function reader(
  body: ReadableStream<Uint8Array>,
): () => Promise<ReadableStreamReadResult<Uint8Array>> {
  const filling = fillingReader(body);
  if (filling === null) {
    const plain = body.getReader();
    return () => plain.read();
  }
  let memory = new Uint8Array(PIECE_BYTES);
  return async () => {
    const result = await filling.read(memory);
    if (result.value !== undefined) memory = new Uint8Array(result.value.buffer);
    return result.done ? { done: true, value: undefined } : result;
  };
}

/** Waits for one step of the network; what it throws becomes a `HostFailure`. */
async function inTime<T>(
  step: Promise<T>,
  url: string,
  stallMs: number,
  isUnanswered = false,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stall = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const log = `${placeOf(url)} sent nothing for ${stallMs} ms`;
      const error = new AppError('download-failed', log, { detail: { type: 'stalled' } });
      reject(passing(error, { isUnanswered }));
    }, stallMs);
  });
  try {
    return await Promise.race([step, stall]);
  } catch (cause) {
    if (cause instanceof HostFailure) throw cause;
    const log = `the connection to ${placeOf(url)} broke`;
    throw passing(new AppError('download-failed', log, { cause }), { isUnanswered });
  } finally {
    clearTimeout(timer);
  }
}

function pageInstead(url: string): HostFailure {
  return lasting(new AppError('html-not-model', `${placeOf(url)} answered with a page`));
}
