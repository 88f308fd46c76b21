/**
 * What the README says of the built page's safety. No host: nothing in it is fetched from one, and addresses that are
 * only spoken of are listed here with their reason, so that a new one is a decision.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CANARY_HOST } from '../../src/contract/requests.ts';
import { headersFile, metaPolicy } from '../../src/pwa/headers.ts';

const DIST = join(import.meta.dirname, '../../dist');
const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).map((path) =>
  path.replaceAll('\\', '/'),
);
const textOf = (path: string) => readFileSync(join(DIST, path), 'utf8');
const all = (ending: RegExp) =>
  files.filter((path) => ending.test(path)).map((path) => ({ path, text: textOf(path) }));

/** Why a script may name a host. What it may reach is up to the policy, which names the model hosts alone. */
const SPOKEN_OF: Readonly<Record<string, string>> = {
  'www.w3.org': 'names of XML namespaces',
  'huggingface.co':
    'a host of models, in the catalogue and the policy; a default of transformers.js',
  'hf-mirror.com': 'a host of models, in the catalogue and the policy',
  'modelscope.cn': 'a host of models, in the catalogue and the policy',
  [CANARY_HOST]: 'belongs to nobody: the page tries to reach it to see that it cannot',
  'cdn.jsdelivr.net': 'a default of transformers.js and ORT; the page names its own files instead',
  'git-lfs.github.com': 'the first line of a pointer file that is no model',
  'github.com': 'in messages of libraries',
  'gist.github.com': 'in messages of libraries',
  'developer.mozilla.org': 'in messages of libraries',
  'web.dev': 'in messages of libraries',
  'bit.ly': 'in messages of libraries',
  'rolldown.rs': 'in messages of the bundler',
  'www.npmjs.com': 'in messages of libraries',
};

test('no file of the page but its scripts names another host', () => {
  for (const { path, text } of all(/\.(html|css|svg|webmanifest)$/)) {
    const hosts = [...text.matchAll(/(?:https?:)?\/\/([\w.-]+\.\w+)/g)].map(([, host]) => host);
    expect(
      hosts.filter((host) => host !== 'www.w3.org'),
      path,
    ).toEqual([]);
  }
});

test('every host that a script names is known, and why', () => {
  const named = all(/\.m?js$/).flatMap(({ text }) =>
    [...text.matchAll(/\b(?:https?|wss?):\/\/([\w*-]+(?:\.[\w-]+)+)/g)].map(
      ([, host = '']) => host,
    ),
  );

  expect(named.length).toBeGreaterThan(0);
  expect([...new Set(named)].filter((host) => SPOKEN_OF[host] === undefined)).toEqual([]);
});

test('no script is loaded from another origin: every import is by a relative name, but for the canary’s', () => {
  const others = all(/\.m?js$/).filter(({ path }) => !/\/try-ways-out-/.test(path));
  for (const { path, text } of others) {
    const imported = [...text.matchAll(/\b(?:import|from)\s*\(?\s*["'`](https?:|\/\/)[^"'`]*/g)];
    expect(
      imported.map(([match]) => match),
      path,
    ).toEqual([]);
  }
});

test('the page holds no inline script, no inline style and no handler', () => {
  const page = textOf('index.html');

  for (const [script = ''] of page.matchAll(/<script\b[^>]*>[^<]*/g)) {
    expect(script).toMatch(/ src="\.\/[^"]+"[^>]*>$/);
  }
  expect(page).not.toMatch(/<style\b|\sstyle=|\son\w+=|javascript:/i);
});

test('no script makes code from text, but for two places in ORT that the policy closes', () => {
  const makers = all(/\.m?js$/).filter(({ text }) =>
    /\bnew Function\b|[^\w.$]eval\(|[^\w.$]Function\(/.test(text),
  );

  expect(makers.map(({ path }) => path.replace(/^ort\/[^/]+\//, 'ort/')).toSorted()).toEqual([
    'ort/ort-wasm-simd-threaded.asyncify.mjs',
    'ort/ort-wasm-simd-threaded.jspi.mjs',
  ]);
  expect(headersFile()).not.toMatch(/'unsafe-eval'/);
});

test('Trusted Types are on, by header and by element, with one policy, which makes addresses of scripts alone', () => {
  for (const policy of [headersFile(), metaPolicy()]) {
    expect(policy).toMatch(/require-trusted-types-for 'script'/);
    expect(policy).toMatch(/trusted-types offgrid(;|$|\n)/);
  }
  const made = all(/^(assets|workers)\/.*\.js$|^service\.worker\.js$/).flatMap(({ path, text }) =>
    [...text.matchAll(/createPolicy\([^)]*\)/g)].map(([match]) => `${path}: ${match}`),
  );

  expect(made).toHaveLength(1);
  expect(made[0]).toMatch(/createScriptURL/);
  expect(made[0]).not.toMatch(/createHTML|createScript:/);
});

test('no script writes markup from text', () => {
  const own = all(/^(assets\/index-[\w-]+|workers\/.*|service\.worker)\.js$/);

  expect(own.length).toBeGreaterThan(3);
  for (const { path, text } of own) {
    expect(text.match(/insertAdjacentHTML|document\.write|outerHTML\s*=/), path).toBeNull();
  }
});
