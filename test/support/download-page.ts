/**
 * The download worker as it is built, in a page of its own, on a server that gives each file the headers of the
 * product. Every `.gguf` is answered by a host that the caller brings.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { WantedFile } from '../../src/contract/download.ts';
import { toModelId, type ModelId } from '../../src/contract/model.ts';
import { headersFor } from '../../src/pwa/headers.ts';
import { CHUNK_BYTES, chunkCount, chunkStart } from '../../src/store/download/chunks.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export interface DownloadPage {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Who answers requests for models. */
export interface AnsweringHost {
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** SHA-256 of chunks, by the hash of the whole. */
export type PublishedChunks = Readonly<Record<string, readonly string[]>>;

export async function serveDownloadPage(
  host: AnsweringHost,
  published: PublishedChunks,
): Promise<DownloadPage> {
  const folder = await mkdtemp(join(tmpdir(), 'offgrid-download-page-'));
  await buildPage(folder, published);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    for (const [name, value] of Object.entries(headersFor(path))) response.setHeader(name, value);
    if (path.endsWith('.gguf')) host.answer(request, response);
    else void sendFile(join(folder, 'page', path), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/downloads.html`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A file as the catalogue would name it, to be had at these paths of the page's own server. */
export function wantedFile(
  page: DownloadPage,
  bytes: Uint8Array,
  paths: readonly string[] = ['/models/model.gguf'],
): WantedFile {
  return {
    of: 'host',
    title: 'Model',
    fileName: 'model.gguf',
    urls: paths.map((path) => page.origin + path),
    expected: { totalBytes: bytes.byteLength, sha256: idOf(bytes), vouchedBy: 'catalog' },
  };
}

/** The hashes of the chunks of these files, as a project would publish them. */
export function publish(...files: readonly Uint8Array[]): PublishedChunks {
  return Object.fromEntries(
    files.map((bytes) => [
      sha256Of(bytes),
      Array.from({ length: chunkCount(bytes.byteLength) }, (_, index) =>
        sha256Of(bytes.subarray(chunkStart(index), chunkStart(index + 1))),
      ),
    ]),
  );
}

export function idOf(bytes: Uint8Array): ModelId {
  return toModelId(sha256Of(bytes));
}

async function buildPage(folder: string, files: PublishedChunks): Promise<void> {
  const hashes = join(folder, 'chunk-hashes.json');
  await writeFile(hashes, JSON.stringify({ version: 1, chunkBytes: CHUNK_BYTES, files }));
  await build({
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    root: pathOf('../browser/pages'),
    base: './',
    publicDir: false,
    worker: {
      format: 'es',
      plugins: () => [{ name: 'publish', enforce: 'pre', resolveId: swap(hashes) }],
      rolldownOptions: { output: { entryFileNames: 'workers/download/[hash].js' } },
    },
    build: {
      outDir: join(folder, 'page'),
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: { input: pathOf('../browser/pages/downloads.html') },
    },
  });
}

/** In place of the hashes that this project publishes. */
function swap(path: string): (source: string) => string | null {
  return (source) => (source.endsWith('/chunk-hashes.json') ? path : null);
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
};

async function sendFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
  await pipeline(createReadStream(path), response).catch(() => request.destroy());
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
