import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { headersFile, headersFor, metaPolicy } from '../../src/pwa/headers.ts';

const DIST = join(import.meta.dirname, '../../dist');
const read = (path: string) => readFileSync(join(DIST, path), 'utf8');

test('_headers of the built page is what dev and preview send', () => {
  expect(read('_headers')).toBe(headersFile());
});

test.each([
  ['download', /connect-src [^;]*huggingface\.co/],
  ['store', /connect-src 'self'(;|$)/],
  ['inference', /connect-src 'self'(;|$)/],
  ['kernel-thread', /^default-src 'none'; script-src [^;]*$/],
  ['hash', /^default-src 'none'; script-src [^;]*$/],
])('the script of the %s worker lies where its policy is', (name, expected) => {
  const policy = headersFor(`/workers/${name}/x.js`)['Content-Security-Policy'];

  expect(readdirSync(join(DIST, 'workers', name))).toHaveLength(1);
  expect(policy).toMatch(expected);
});

const kept = [
  ...read('service.worker.js').matchAll(/\{"integrity":"([^"]+)"[^{}]*"url":"([^"]+)"\}/g),
].map(([, integrity = '', path = '']) => ({ path, integrity }));

test('the service worker knows every file of the page, and no model but the guide', () => {
  const paths = kept.map(({ path }) => path);
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(join(DIST, path)).isFile())
    .filter((path) => path !== 'service.worker.js' && path !== '_headers')
    .filter((path) => path !== 'policy.json'); // whoever serves the page may put another in its place

  expect(paths.toSorted()).toEqual(files.toSorted());
  expect(paths.filter((path) => path.endsWith('.gguf'))).toEqual([
    expect.stringMatching(/^assets\/guide-[\w-]+\.gguf$/),
  ]);
});

test('the service worker knows the hash of each, and of what is packed also what it unpacks to', () => {
  const wrong = kept.filter(({ path, integrity }) => {
    const bytes = readFileSync(join(DIST, path));
    const forms = path.endsWith('.gz') ? [bytes, gunzipSync(bytes)] : [bytes];
    const digests = forms.map((form) => createHash('sha256').update(form).digest('base64'));
    return integrity !== digests.map((digest) => `sha256-${digest}`).join(' ');
  });

  expect(kept.length).toBeGreaterThan(20);
  expect(kept.some(({ path }) => path.endsWith('.gz'))).toBe(true);
  expect(wrong).toEqual([]);
});

test('the page carries its policy in itself, for hosts that send no headers', () => {
  const [, meta = ''] =
    /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(read('index.html')) ?? [];

  expect(meta).toBe(metaPolicy());
  expect(read('index.html').indexOf(meta)).toBeLessThan(read('index.html').indexOf('<script'));
});

test('the manifest names icons that are there', () => {
  const { icons } = JSON.parse(read('manifest.webmanifest')) as { icons: { src: string }[] };

  expect(icons.length).toBeGreaterThan(2);
  for (const { src } of icons) expect(existsSync(join(DIST, src)), src).toBe(true);
});

test('the page and its manifest name nothing by an absolute path, so any folder of a site will do', () => {
  expect(read('index.html')).not.toMatch(/(?:src|href)="(?:\/|https?:)/);
  expect(read('manifest.webmanifest')).not.toMatch(/": "(?:\/|https?:)/);
});
