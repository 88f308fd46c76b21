import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headersFile, headersFor } from '../../src/pwa/headers.ts';

const DIST = join(import.meta.dirname, '../../dist');
const read = (path: string) => readFileSync(join(DIST, path), 'utf8');

test('_headers of the built page is what dev and preview send', () => {
  expect(read('_headers')).toBe(headersFile());
});

test.each(['download', 'store', 'inference'])(
  'the script of the %s worker lies where its policy is',
  (name) => {
    const policy = headersFor(`/workers/${name}/x.js`)['Content-Security-Policy'];

    expect(readdirSync(join(DIST, 'workers', name))).toHaveLength(1);
    expect(policy).toMatch(
      name === 'download' ? /connect-src [^;]*huggingface\.co/ : /connect-src 'self'(;|$)/,
    );
  },
);

test('the service worker keeps all that every visitor needs, and no model but the guide', () => {
  const kept = [...read('service.worker.js').matchAll(/"url":"([^"]+)"|url:"([^"]+)"/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  const forSome = /\.(jspi|asyncify)\./; // the runtime with WebGPU is kept when it is first used
  const needed = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(html|js|mjs|css|wasm|gguf)$/.test(path) && path !== 'service.worker.js')
    .filter((path) => !forSome.test(path));

  expect(kept.toSorted()).toEqual(expect.arrayContaining(needed.toSorted()));
  expect(kept.filter((path) => path.endsWith('.gguf') || forSome.test(path))).toEqual([
    expect.stringMatching(/^assets\/guide-[\w-]+\.gguf$/),
  ]);
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
