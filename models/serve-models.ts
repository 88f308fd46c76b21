/** Lets dev and preview serve the `.gguf` files of a folder; a built page has no such address and gets a 404. */
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Plugin } from 'vite';

/** One line of `<base>models/index.json`. */
export interface ServedModel {
  readonly fileName: string;
  readonly totalBytes: number;
}

/** @param folder where the models lie; the page finds them under `<base>models/` */
export function serveModels(folder: string = import.meta.dirname): Plugin {
  let base = '/';
  const middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const path = pathBelow(base, request.url ?? '/');
    if (path === null) return next();
    answer(folder, path, request, response).catch((error: unknown) =>
      response.destroy(asError(error)),
    );
  };
  return {
    name: 'serve-models',
    configResolved(config) {
      base = config.base.startsWith('/') ? config.base : '/'; // './' is served at the root
    },
    configureServer(server) {
      server.middlewares.use(middleware);
    },
    configurePreviewServer(server) {
      server.middlewares.use(middleware);
    },
  };
}

/** Answers one request for `path`, a name below `models/`, encoded as it came. */
export async function answer(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  if (path === 'index.json') return sendIndex(folder, response);
  const fileName = decoded(path);
  const found = fileName === null ? null : await modelIn(folder, fileName);
  if (fileName === null || found === null) return end(response, 404);
  await sendFile(join(folder, fileName), found.size, request, response);
}

/**
 * What follows `<base>models/` in an address; null for every other address, and for what Vite serves from here:
 * modules, and the guide while developing.
 */
function pathBelow(base: string, url: string): string | null {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const prefix = `${base}models/`;
  if (!path.startsWith(prefix)) return null;
  const below = path.slice(prefix.length);
  return below === 'index.json' || /^[^/]+\.gguf$/i.test(below) ? below : null;
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null; // not the name of a file here, whatever it was meant to be
  }
}

/** Null unless it is a plain `.gguf` file directly in the folder. A name that is a path is in no listing. */
async function modelIn(folder: string, fileName: string): Promise<Stats | null> {
  if (!(await modelNames(folder)).includes(fileName)) return null;
  try {
    const found = await stat(join(folder, fileName)); // follows links: a model may be one
    return found.isFile() ? found : null;
  } catch {
    return null; // a link to nowhere, or gone since it was listed
  }
}

async function modelNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.gguf')).sort();
}

async function sendIndex(folder: string, response: ServerResponse): Promise<void> {
  const models: ServedModel[] = [];
  for (const fileName of await modelNames(folder)) {
    const found = await modelIn(folder, fileName);
    if (found !== null) models.push({ fileName, totalBytes: found.size });
  }
  const body = JSON.stringify(models);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  response.end(body);
}

async function sendFile(
  path: string,
  totalBytes: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const range = rangeOf(request.headers.range, totalBytes);
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${totalBytes}`);
    return end(response, 416);
  }
  const { first, last } = range ?? { first: 0, last: totalBytes - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': last - first + 1,
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${totalBytes}` }),
  });
  if (request.method === 'HEAD' || last < first) {
    response.end();
    return;
  }
  try {
    await pipeline(createReadStream(path, { start: first, end: last }), response);
  } catch (error) {
    if (!response.destroyed) throw error; // otherwise the page hung up: a cancelled download
  }
}

/** One range (RFC 9110 §14.2), both ends included. Null when none is asked for, or one that may be ignored. */
function rangeOf(
  header: string | undefined,
  totalBytes: number,
): { first: number; last: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (from === '' && to === '') return null;
  if (from === '') {
    const first = Math.max(0, totalBytes - Number(to));
    return first < totalBytes ? { first, last: totalBytes - 1 } : 'unsatisfiable';
  }
  const first = Number(from);
  const last = to === '' ? totalBytes - 1 : Math.min(Number(to), totalBytes - 1);
  if (to !== '' && Number(to) < first) return null;
  return first < totalBytes ? { first, last } : 'unsatisfiable';
}

/** No body: what fetches here wants bytes, not a page about their absence. */
function end(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
