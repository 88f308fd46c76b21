import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locate, parseRange, serve, type LocalServer } from '../bench/serve.ts';

describe('where the bench server finds a file', () => {
  const mounts = { '/': '/pages', '/ort/': '/runtime', '/model.gguf': '/elsewhere/big.gguf' };

  test.each([
    ['/ort-wasm.html', '/pages/ort-wasm.html'],
    ['/ort/a/b.wasm', '/runtime/a/b.wasm'],
    ['/model.gguf', '/elsewhere/big.gguf'],
    ['/ort/../model.gguf', '/elsewhere/big.gguf'],
    ['/../../etc/passwd', '/pages/etc/passwd'],
    ['/ort/%2e%2e/%2e%2e/etc/passwd', '/pages/etc/passwd'],
  ])('%s', (urlPath, expected) => {
    expect(locate(mounts, urlPath)).toBe(expected);
  });

  test('nothing outside the mounts, and nothing for a broken path', () => {
    expect(locate({ '/ort/': '/runtime' }, '/ort/../secret')).toBeNull();
    expect(locate(mounts, '/%E0%A4%A')).toBeNull();
    expect(locate(mounts, '/a%00b')).toBeNull();
  });
});

test.each([
  [undefined, null],
  ['bytes=0-3', { first: 0, last: 3 }],
  ['bytes=4-', { first: 4, last: 9 }],
  ['bytes=-2', { first: 8, last: 9 }],
  ['bytes=8-99', { first: 8, last: 9 }],
  ['bytes=10-', null],
  ['bytes=-', null],
  ['bytes=0-1,4-5', null],
])('of 10 bytes, %s', (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});

describe('the bench server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-serve-'));
  let server: LocalServer;
  beforeAll(async () => {
    writeFileSync(join(folder, 'ten.bin'), '0123456789');
    writeFileSync(join(folder, 'page.html'), '<!doctype html>');
    writeFileSync(join(folder, 'empty.bin'), '');
    server = await serve({ '/': folder });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  test('isolates its pages, so that they get shared memory', async () => {
    const response = await fetch(`${server.origin}/page.html`);

    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  test('sends a part of a file when asked for a part', async () => {
    const response = await fetch(`${server.origin}/ten.bin`, { headers: { range: 'bytes=2-4' } });

    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(await response.text()).toBe('234');
  });

  test('sends whole files, empty ones too', async () => {
    expect(await (await fetch(`${server.origin}/ten.bin`)).text()).toBe('0123456789');
    expect(await (await fetch(`${server.origin}/empty.bin`)).text()).toBe('');
  });

  test('answers 404 for what is not a file', async () => {
    expect((await fetch(`${server.origin}/none.bin`)).status).toBe(404);
    expect((await fetch(`${server.origin}/`)).status).toBe(404);
  });
});
