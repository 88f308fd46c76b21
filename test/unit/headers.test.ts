import { describe, expect, test } from 'vitest';
import { headersFile, headersFor, headersForDev, metaPolicy } from '../../src/pwa/headers.ts';

const policyOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    (headers['Content-Security-Policy'] ?? '').split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values];
    }),
  );

describe('what a response may do', () => {
  test.each(['/', '/index.html', '/anything/else'])(
    '%s: the page reaches its origin alone',
    (path) => {
      const policy = policyOf(headersFor(path));

      expect(policy).toMatchObject({
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'connect-src': ["'self'"],
        'style-src': ["'self'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
      });
    },
  );

  test.each([
    '/workers/inference/abc.js',
    '/workers/store/abc.js',
    '/ort/1.2.3/ort.mjs',
    '/service.worker.js',
  ])('%s reaches its origin alone', (path) => {
    expect(policyOf(headersFor(path))['connect-src']).toEqual(["'self'"]);
  });

  test.each(['kernel-thread', 'hash'])('a %s reaches nobody', (name) => {
    expect(policyOf(headersFor(`/workers/${name}/abc.js`))).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'", "'wasm-unsafe-eval'"],
    });
  });

  test('the download worker alone reaches the model hosts, and they are all https', () => {
    const [self, ...hosts] = policyOf(headersFor('/workers/download/abc.js'))['connect-src'] ?? [];

    expect(self).toBe("'self'");
    expect(hosts.length).toBeGreaterThan(0);
    for (const host of hosts) expect(host).toMatch(/^https:\/\/(\*\.)?[a-z-]+\.[a-z]+$/);
  });

  test('nothing anywhere allows inline scripts or styles, or eval', () => {
    expect(headersFile()).not.toMatch(/'unsafe-(inline|eval|hashes)'|nonce-| data:[^;]*script/);
  });

  test.each(['/', '/workers/store/a.js', '/assets/a.js', '/ort/1/a.wasm'])(
    '%s isolates the page, which threads need',
    (path) => {
      expect(headersFor(path)).toMatchObject({
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
        'Cross-Origin-Resource-Policy': 'same-origin',
      });
    },
  );
});

test('while developing, workers are bound as they are when built', () => {
  for (const name of ['store', 'inference', 'download', 'kernel-thread', 'hash']) {
    expect(headersForDev(`/workers/${name}.worker.ts`, 'n')).toEqual(
      headersFor(`/workers/${name}/abc.js`),
    );
  }
});

test('while developing, styles need the nonce and nothing else differs but Trusted Types', () => {
  const { 'style-src': style, ...dev } = policyOf(headersForDev('/', 'n'));
  const {
    'style-src': _,
    'require-trusted-types-for': __,
    'trusted-types': ___,
    ...built
  } = policyOf(headersFor('/'));

  expect(style).toEqual(["'self'", "'nonce-n'"]);
  expect(dev).toEqual(built);
});

test('no path matches two rules of _headers that name a policy: hosts would join the two', () => {
  const rules = headersFile()
    .split('\n\n')
    .filter((rule) => rule.includes('Content-Security-Policy'))
    .map((rule) => rule.split('\n')[0] ?? '');

  for (const rule of rules) {
    const prefix = rule.endsWith('*') ? rule.slice(0, -1) : null;
    const others = rules.filter((other) => other !== rule);
    expect(others.filter((other) => prefix !== null && other.startsWith(prefix))).toEqual([]);
  }
  expect(new Set(rules).size).toBe(rules.length);
});

test('a page in a folder of its site has rules for that folder', () => {
  const paths = headersFile('/page/').match(/^\/\S*/gm);

  expect(paths).toEqual(expect.arrayContaining(['/page/*', '/page/', '/page/workers/store/*']));
  expect(paths?.filter((path) => !path.startsWith('/page/'))).toEqual([]);
});

test('the element in the page says all that the header says, but for framing, which it cannot', () => {
  const { 'frame-ancestors': framing, ...rest } = policyOf(headersFor('/'));

  expect(framing).toEqual(["'none'"]);
  expect(policyOf({ 'Content-Security-Policy': metaPolicy() })).toEqual(rest);
});
