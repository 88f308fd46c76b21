import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../../models/serve-models.ts';

const content = Uint8Array.from({ length: 1000 }, (_, at) => at % 251);

let root: string;
let server: Server;
let base: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'offgrid-models-'));
  const folder = join(root, 'models');
  mkdirSync(join(folder, 'sub.gguf'), { recursive: true });
  writeFileSync(join(folder, 'tiny model.gguf'), content);
  writeFileSync(join(folder, 'empty.gguf'), '');
  writeFileSync(join(folder, 'README.md'), 'not for serving');
  writeFileSync(join(folder, 'sub.gguf', 'inner.gguf'), 'inner');
  writeFileSync(join(root, 'secret.gguf'), 'secret');
  symlinkSync(join(root, 'secret.gguf'), join(folder, 'linked.gguf'));
  symlinkSync(join(root, 'nowhere'), join(folder, 'broken.gguf'));
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/models/', '');
    answer(folder, path, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/`;
});

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true });
});

describe('models served while developing', () => {
  test('the index names each model with its size, and nothing else', async () => {
    const response = await fetch(`${base}index.json`);

    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual([
      { fileName: 'empty.gguf', totalBytes: 0 },
      { fileName: 'linked.gguf', totalBytes: 6 },
      { fileName: 'tiny model.gguf', totalBytes: 1000 },
    ]);
  });

  test('a model comes as bytes with its length', async () => {
    const response = await fetch(`${base}tiny%20model.gguf`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-length')).toBe('1000');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(content);
  });

  test('HEAD tells the length and sends nothing', async () => {
    const response = await fetch(`${base}tiny%20model.gguf`, { method: 'HEAD' });

    expect(response.headers.get('content-length')).toBe('1000');
    expect(await response.text()).toBe('');
  });

  test('an empty file is empty', async () => {
    const response = await fetch(`${base}empty.gguf`);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test.each<[string, number, number, number]>([
    ['bytes=0-0', 0, 0, 206],
    ['bytes=100-199', 100, 199, 206],
    ['bytes=990-', 990, 999, 206],
    ['bytes=990-5000', 990, 999, 206],
    ['bytes=-10', 990, 999, 206],
    ['bytes=-5000', 0, 999, 206],
    ['bytes=5-2', 0, 999, 200],
    ['bytes=0-1,5-6', 0, 999, 200],
    ['lines=1-2', 0, 999, 200],
  ])('range %s gives bytes %i to %i with status %i', async (range, first, last, status) => {
    const response = await fetch(`${base}tiny%20model.gguf`, { headers: { range } });

    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(
      status === 206 ? `bytes ${first}-${last}/1000` : null,
    );
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(content.slice(first, last + 1));
  });

  test.each(['bytes=1000-', 'bytes=2000-3000', 'bytes=-0'])(
    'range %s lies past the end',
    async (range) => {
      const response = await fetch(`${base}tiny%20model.gguf`, { headers: { range } });

      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe('bytes */1000');
    },
  );

  test.each([
    'absent.gguf',
    'README.md',
    'sub.gguf',
    'sub.gguf/inner.gguf',
    'broken.gguf',
    '../secret.gguf',
    '..%2fsecret.gguf',
    '%2e%2e/secret.gguf',
    '..%5csecret.gguf',
    '/etc/passwd',
    'tiny%20model.gguf%00',
    '%zz.gguf',
  ])('%s is not there, and nothing is sent in its place', async (path) => {
    const { status, body } = await raw(`/models/${path}`);

    expect(status).toBe(404);
    expect(body).toBe('');
  });

  test('nothing can be put there', async () => {
    const response = await fetch(`${base}tiny%20model.gguf`, { method: 'PUT', body: 'x' });

    expect(response.status).toBe(405);
  });
});

/** `fetch` tidies `..` away before it asks; a hostile client does not. */
function raw(path: string): Promise<{ status: number | undefined; body: string }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path }, (response) => {
      let body = '';
      response.on('data', (piece: Buffer) => (body += piece.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}
