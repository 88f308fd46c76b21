/** A model host on 127.0.0.1 that does what hosts and networks do on their bad days. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const BEHAVIOURS = {
  good: (response, body) => send(response, body),
  /** Chunked: the length is not announced. */
  'no-length': (response, body) => {
    response.writeHead(200, BYTES);
    response.write(body.subarray(0, 1));
    response.end(body.subarray(1));
  },
  /** The connection breaks after 37 %. */
  cut: (response, body) => {
    response.writeHead(200, { ...BYTES, 'content-length': body.byteLength });
    response.write(body.subarray(0, Math.floor(body.byteLength * 0.37)), () => response.destroy());
  },
  'cut-without-length': (response, body) => {
    response.writeHead(200, BYTES);
    response.write(body.subarray(0, Math.floor(body.byteLength * 0.37)), () => response.destroy());
  },
  /** Well-formed HTTP, but the file ends early. */
  short: (response, body) => send(response, body.subarray(0, -1)),
  'short-without-length': (response, body) => {
    response.writeHead(200, BYTES);
    response.end(body.subarray(0, -1));
  },
  long: (response, body) => send(response, Buffer.concat([body, Buffer.from([0])])),
  flipped: (response, body) => {
    const changed = Buffer.from(body);
    const at = Math.floor(body.byteLength / 2);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    send(response, changed);
  },
  /** A sign-in page, a single-page application's fallback. */
  page: (response) => send(response, PAGE, { 'content-type': 'text/html; charset=utf-8' }),
  'page-as-bytes': (response) => send(response, PAGE),
  'error-as-xml': (response) =>
    send(response, Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')),
  empty: (response) => send(response, Buffer.alloc(0)),
  /** `Content-Length` counts the compressed bytes. */
  gzip: (response, body) => send(response, gzipSync(body), { 'content-encoding': 'gzip' }),
  'no-answer': () => {},
  'stall-midway': (response, body) => {
    response.writeHead(200, { ...BYTES, 'content-length': body.byteLength });
    response.write(body.subarray(0, body.byteLength / 2));
  },
  redirect: (response) => {
    response.writeHead(302, { location: '/good/model.gguf' });
    response.end();
  },
  partial: (response, body) => {
    response.writeHead(206, BYTES);
    response.end(body);
  },
  'http-401': (response) => fail(response, 401),
  'http-403': (response) => fail(response, 403),
  'http-404': (response) => fail(response, 404),
  'http-429': (response) => fail(response, 429),
  'http-500': (response) => fail(response, 500),
} satisfies Record<string, (response: ServerResponse, body: Buffer) => void>;

export type Behaviour = keyof typeof BEHAVIOURS;

/** A time-out that a silent host runs into soon, and that no other does however busy the machine is. */
export function stallMsFor(behaviour: Behaviour): number {
  return behaviour === 'no-answer' || behaviour === 'stall-midway' ? 200 : 20_000;
}

export interface MisbehavingHost {
  /** Where `body` is to be had in this manner. */
  url(behaviour: Behaviour): string;
  /** Requests so far, oldest first. */
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

/** @param body what a good host would send */
export async function startMisbehavingHost(body: Uint8Array): Promise<MisbehavingHost> {
  const bytes = Buffer.from(body);
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const behaviour = request.url?.split('/')[1] ?? '';
    if (isBehaviour(behaviour)) BEHAVIOURS[behaviour](response, bytes);
    else fail(response, 404);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (behaviour) => `http://127.0.0.1:${port}/${behaviour}/model.gguf`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const BYTES = { 'content-type': 'application/octet-stream' };
const PAGE = Buffer.from('\n<!doctype html><title>Sign in</title><p>Please sign in.</p>');

function send(response: ServerResponse, body: Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(200, { ...BYTES, 'content-length': body.byteLength, ...headers });
  response.end(body);
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>No</title>');
}

function isBehaviour(name: string): name is Behaviour {
  return Object.hasOwn(BEHAVIOURS, name);
}
