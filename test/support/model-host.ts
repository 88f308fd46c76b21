/**
 * A host of one file that sends it as good hosts do, in parts, until it is told otherwise; it remembers who asked for
 * what and how much went out.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { parseRange } from '../bench/serve.ts';

/** What a request asks for. */
export interface Ask {
  /** How many came before it. */
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** First byte and the one after the last; null where all of the file was asked for. */
  readonly range: { readonly from: number; readonly end: number } | null;
}

/** How a request is answered. */
export interface Manner {
  readonly bytes: Uint8Array;
  readonly etag: string | null;
  readonly sendsParts: boolean;
  /** Instead of 200 and 206; the body is a short page then. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Breaks the connection after so many bytes of the body. */
  readonly cutAfterBytes: number;
  /** Sends no more after so many bytes of the body, and keeps the connection. */
  readonly stallAfterBytes: number;
  /** To each connection. */
  readonly bytesPerSecond: number;
  readonly isCompressed: boolean;
  readonly tellsLength: boolean;
}

export interface Served extends Ask {
  readonly status: number;
  /** Bytes of the body that went out. */
  sentBytes: number;
}

const PIECE_BYTES = 64 * 1024;
const PAGE = Buffer.from('<!doctype html><title>No</title>');

export class ModelHost {
  /** Says how a request is answered; what it leaves out is done as it should be. */
  manner: (ask: Ask) => Partial<Manner> = () => ({});
  /** Requests so far, oldest first. */
  readonly served: Served[] = [];
  readonly #bytes: Uint8Array;
  readonly #responses = new Set<ServerResponse>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Of all bodies so far. */
  get sentBytes(): number {
    return this.served.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  }

  /** Forgets who asked, and behaves. */
  reset(): void {
    this.manner = () => ({});
    this.served.length = 0;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const response of this.#responses) response.destroy();
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { headers, method = '', url = '' } = request;
    const asked = parseRange(headers.range, Number.MAX_SAFE_INTEGER);
    const ask: Ask = {
      index: this.served.length,
      method,
      path: url,
      headers,
      range: asked && { from: asked.first, end: asked.last + 1 },
    };
    const manner = { ...this.#goodManner(), ...this.manner(ask) };
    const { status, headers: replyHeaders, body } = replyTo(ask, manner);
    const served: Served = { ...ask, status, sentBytes: 0 };
    this.served.push(served);
    this.#responses.add(response);
    response.once('close', () => this.#responses.delete(response));
    response.writeHead(status, replyHeaders);
    if (method === 'HEAD') response.end();
    else void send(response, body, manner, served);
  }

  #goodManner(): Manner {
    return {
      bytes: this.#bytes,
      etag: '"one"',
      sendsParts: true,
      status: null,
      headers: {},
      cutAfterBytes: Infinity,
      stallAfterBytes: Infinity,
      bytesPerSecond: Infinity,
      isCompressed: false,
      tellsLength: true,
    };
  }
}

/** The same on a port of its own on 127.0.0.1. */
export async function listen(host: ModelHost): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const server = createServer((request, response) => host.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/model.gguf`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function replyTo(ask: Ask, manner: Manner) {
  const { bytes, etag, sendsParts, status, isCompressed, tellsLength } = manner;
  const head = etag === null ? {} : { etag };
  if (status !== null) {
    const headers = { 'content-type': 'text/html', ...manner.headers };
    return { status, headers, body: PAGE };
  }
  const isSameVersion = ask.headers['if-range'] === undefined || ask.headers['if-range'] === etag;
  const range = sendsParts && isSameVersion ? ask.range : null;
  const total = bytes.byteLength;
  if (range !== null && range.from >= total) {
    const headers = { ...head, 'content-range': `bytes */${total}`, ...manner.headers };
    return { status: 416, headers, body: new Uint8Array(0) };
  }
  const from = range?.from ?? 0;
  const end = Math.min(range?.end ?? total, total);
  const plain = bytes.subarray(from, end);
  const body = isCompressed ? gzipSync(plain) : plain;
  const headers = {
    ...head,
    'content-type': 'application/octet-stream',
    ...(tellsLength ? { 'content-length': String(body.byteLength) } : {}),
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
    ...(sendsParts ? { 'accept-ranges': 'bytes' } : {}),
    ...(range === null ? {} : { 'content-range': `bytes ${from}-${end - 1}/${total}` }),
    ...manner.headers,
  };
  return { status: range === null ? 200 : 206, headers, body };
}

async function send(
  response: ServerResponse,
  body: Uint8Array,
  { cutAfterBytes, stallAfterBytes, bytesPerSecond }: Manner,
  served: Served,
): Promise<void> {
  const lastByte = Math.min(body.byteLength, cutAfterBytes, stallAfterBytes);
  const pieceBytes = Math.min(PIECE_BYTES, Math.max(1024, bytesPerSecond / 20));
  const startedMs = performance.now();
  const closed = new Promise((resolve) => response.once('close', resolve));
  while (served.sentBytes < lastByte) {
    if (response.destroyed) return;
    const piece = body.subarray(
      served.sentBytes,
      Math.min(lastByte, served.sentBytes + pieceBytes),
    );
    await Promise.race([closed, new Promise((resolve) => response.write(piece, resolve))]);
    if (response.destroyed) return;
    served.sentBytes += piece.byteLength;
    const dueMs = startedMs + (served.sentBytes * 1000) / bytesPerSecond;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
  }
  if (cutAfterBytes < body.byteLength)
    response.socket?.destroySoon(); // what went out arrives
  else if (stallAfterBytes >= body.byteLength) response.end();
}
