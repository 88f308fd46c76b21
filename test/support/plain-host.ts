import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';

export interface PlainHost {
  /** Of the folder, with a slash at the end. */
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Names of files in whose place it sends others. */
  readonly changed: Set<string>;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/**
 * A host as most are: it sends files with their type, and not one of the headers of this page. What is packed it sends
 * with `Content-Encoding`, so that browsers unpack it.
 */
export async function servePlainly(folder: string, below: string): Promise<PlainHost> {
  const asked: string[] = [];
  const changed = new Set<string>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const inside = pathname.startsWith(below) ? pathname.slice(below.length) : null;
    const path = join(folder, normalize(`/${inside === '' ? 'index.html' : inside}`));
    const send = async () => {
      const found = inside === null ? null : await stat(path).catch(() => null);
      if (found?.isFile() !== true) {
        response.writeHead(404).end();
        return;
      }
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      const encoding = path.endsWith('.gz') ? { 'content-encoding': 'gzip' } : {};
      if (changed.has(basename(path))) {
        response.writeHead(200, { 'content-type': type, ...encoding }).end(gzipSync('another'));
        return;
      }
      response.writeHead(200, {
        'content-type': type,
        'content-length': found.size,
        ...encoding,
      });
      await pipeline(createReadStream(path), response).catch(() => request.destroy());
    };
    void send();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${below}`,
    asked,
    changed,
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
