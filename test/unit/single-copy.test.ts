/** Two copies of ORT are two runtimes: 27 MB more, and tensors of one are none of the other's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const MODULES = join(import.meta.dirname, '../../node_modules');
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Every installed package of that name, nested ones too. */
function copiesOf(name: string, folder = MODULES): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.name.startsWith('@')) return copiesOf(name, path);
    return [...(entry.name === name ? [path] : []), ...copiesOf(name, join(path, 'node_modules'))];
  });
}

test('there is one onnxruntime-web, and it is the one that transformers.js pins', () => {
  const transformers = manifestOf(join(MODULES, '@huggingface/transformers'));
  const copies = copiesOf('onnxruntime-web');

  expect(copies).toEqual([join(MODULES, 'onnxruntime-web')]);
  expect(manifestOf(join(MODULES, 'onnxruntime-web')).version).toBe(
    transformers.dependencies?.['onnxruntime-web'],
  );
});

test.each(['onnxruntime-node', 'sharp'])(
  '%s, which only Node would need, is an empty package',
  (name) => {
    for (const copy of copiesOf(name)) expect(manifestOf(copy).name).toBe('empty-npm-package');
  },
);
