/**
 * What the first visit costs before a model is chosen, gzip bytes, against test/budgets.json. The engine comes only
 * with a model hundreds of times its size; it is reported, not capped.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import budgets from '../budgets.json' with { type: 'json' };

const DIST = join(import.meta.dirname, '../../dist');
const gzipBytes = (path: string) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;
const sum = (paths: readonly string[]) => paths.reduce((total, path) => total + gzipBytes(path), 0);
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

const all = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => statSync(join(DIST, path)).isFile());
const named = [
  ...readFileSync(join(DIST, 'index.html'), 'utf8').matchAll(/(?:src|href)="\.\/([^"]+)"/g),
].map(([, path = '']) => path);
const scripts = named.filter((path) => path.endsWith('.js'));
/** Of each language the part that is fetched before the page is painted. A visitor gets one of them. */
const firstWords = scripts
  .flatMap((path) => [
    ...readFileSync(join(DIST, path), 'utf8').matchAll(
      /import\(`\.\/([\w.-]+)`\)\.then\((\w+)=>\2\.first\)/g,
    ),
  ])
  .map(([, name = '']) => `assets/${name}`);
const styles = named.filter((path) => path.endsWith('.css'));

test('the first load stays within its budget', () => {
  const wordBytes = Math.max(...firstWords.map(gzipBytes));
  const scriptBytes = sum(scripts) + wordBytes;
  const styleBytes = sum(styles);
  const later = all.filter((path) => /\.(js|mjs)$/.test(path) && !scripts.includes(path));
  const wasm = all.filter((path) => path.endsWith('.wasm'));
  console.log(
    `note: first load ${kilobytes(scriptBytes)} script (${kilobytes(wordBytes)} of it words), ${kilobytes(styleBytes)} style; ` +
      `later ${kilobytes(sum(later))} script, ${kilobytes(sum(wasm))} WASM (gzip)`,
  );

  expect(scripts.length).toBeGreaterThan(0);
  expect(firstWords.length).toBeGreaterThan(1);
  expect(styles.length).toBeGreaterThan(0);
  expect(scriptBytes).toBeLessThanOrEqual(budgets.firstLoad.scriptBytes);
  expect(styleBytes).toBeLessThanOrEqual(budgets.firstLoad.styleBytes);
});

test('no file is larger than static hosts take', () => {
  const tooLarge = all.filter((path) => statSync(join(DIST, path)).size > budgets.anyFile.rawBytes);

  expect(tooLarge).toEqual([]);
});

test('there is each build of the runtime once: for the CPU, and two that use a GPU', () => {
  const builds = all.filter((path) => /^ort\/.*\.wasm(\.gz)?$/.test(path));

  expect(
    builds.map((path) => path.replace(/^ort\/[\w.-]+\/ort-wasm-simd-threaded/, '')).toSorted(),
  ).toEqual(['.asyncify.wasm.gz', '.jspi.wasm', '.wasm']);
});
