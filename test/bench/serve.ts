/**
 * A static server for the bench alone: some folders and files of this machine on localhost, with the headers that
 * give a page shared memory. Reads only; answers nobody but this machine.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface LocalServer {
  /** Without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

/** What lies where: the URL path of a folder ends with a slash, that of a file does not. Longest match first. */
export type Mounts = Readonly<Record<string, string>>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export async function serve(mounts: Mounts): Promise<LocalServer> {
  const server = createServer((request, response) => {
    answer(mounts, request, response).catch((error: unknown) => {
      // The browser went away in the middle, as it may; anything else shows as a cut response.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    origin: `http://localhost:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** The file behind a URL path, or null; a path that would leave its folder is none. */
export function locate(mounts: Mounts, urlPath: string): string | null {
  const path = decodePath(urlPath);
  if (path === null) return null;
  for (const mount of Object.keys(mounts).toSorted((a, b) => b.length - a.length)) {
    const target = mounts[mount];
    if (target === undefined) continue;
    if (path === mount && !mount.endsWith('/')) return target;
    if (mount.endsWith('/') && path.startsWith(mount)) {
      return join(target, path.slice(mount.length));
    }
  }
  return null;
}

/** `normalize` takes every `..` out that it can; what is left begins with one. */
function decodePath(urlPath: string): string | null {
  try {
    const path = normalize(decodeURIComponent(urlPath));
    return path.startsWith('/') && !path.includes('\0') ? path : null;
  } catch {
    return null;
  }
}

export interface ByteRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/** The one range of a `Range` header; null for none that this server understands (the whole file is sent then). */
export function parseRange(header: string | undefined, totalBytes: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return null;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return null;
  const first = from === '' ? Math.max(0, totalBytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? totalBytes - 1 : Math.min(Number(to), totalBytes - 1);
  return first <= last ? { first, last } : null;
}

async function answer(
  mounts: Mounts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = locate(mounts, pathname);
  const totalBytes = path === null ? null : await sizeOfFile(path);
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-embedder-policy', 'require-corp');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  if (path === null || totalBytes === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  const range = parseRange(request.headers.range, totalBytes);
  const { first, last } = range ?? { first: 0, last: totalBytes - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': last - first + 1,
    'accept-ranges': 'bytes',
    // Lets the browser keep compiled WASM between rounds, as it does for a page visited twice.
    'cache-control': 'max-age=86400',
    ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${totalBytes}` }),
  });
  if (request.method === 'HEAD' || totalBytes === 0) {
    response.end();
    return;
  }
  await pipeline(createReadStream(path, { start: first, end: last }), response);
}

async function sizeOfFile(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}
