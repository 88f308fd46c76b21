/** Who may import whom: the table of src/ARCHITECTURE.md, and a reader of import lines that names offenders. */
import { posix } from 'node:path';

interface Rule {
  /** Layers of ours. A layer always may import itself. */
  readonly layers: readonly string[];
  /** Of those, the ones of which only types may be imported. */
  readonly typesOf?: readonly string[];
  /** Packages, with their sub-paths. */
  readonly packages: readonly string[];
}

/** By layer: a folder of src/, one of `INNER`, `workers`, or `main.tsx`. */
const RULES: Readonly<Record<string, Rule>> = {
  contract: { layers: [], packages: [] },
  lib: { layers: [], packages: [] },
  gguf: { layers: ['contract', 'lib'], packages: [] },
  compile: { layers: ['contract', 'lib', 'gguf'], packages: ['@bufbuild/protobuf'] },
  store: { layers: ['contract', 'lib'], packages: ['hash-wasm'] },
  storage: { layers: ['contract', 'lib'], packages: ['idb'] },
  engine: { layers: ['contract', 'lib', 'gguf'], packages: [] },
  kernels: { layers: [], packages: [] },
  client: { layers: ['contract', 'lib'], packages: ['comlink'] },
  state: { layers: ['contract', 'lib', 'client', 'storage'], packages: ['@preact/signals-core'] },
  pwa: { layers: ['contract', 'lib', 'client'], packages: [] },
  witness: { layers: ['contract', 'lib'], packages: [] },
  'ui/words': {
    layers: ['contract', 'lib', 'state', 'ui'],
    typesOf: ['contract', 'state', 'ui'],
    packages: [],
  },
  ui: {
    layers: ['contract', 'lib', 'state', 'ui/words'],
    typesOf: ['contract'],
    packages: ['preact', '@preact/signals', 'marked', 'lowlight', 'highlight.js', 'hast'],
  },
  workers: {
    layers: ['contract', 'lib', 'gguf', 'compile', 'store', 'engine', 'pwa', 'witness', 'models'],
    packages: ['comlink'],
  },
  'models/cli': {
    layers: [
      'contract',
      'lib',
      'gguf',
      'compile',
      'store',
      'engine',
      'kernels',
      'ui/words',
      'package.json',
    ],
    packages: ['node:', 'vite'],
  },
  'main.tsx': {
    layers: [
      'contract',
      'lib',
      'compile',
      'client',
      'storage',
      'state',
      'pwa',
      'witness',
      'ui',
      'models',
      'package.json',
    ],
    packages: [],
  },
};

/** Folders that are a layer of their own within or beside another. */
const INNER = ['src/ui/words', 'models/cli'];

/** Imports that one file or folder has for all others. */
const EXCEPTIONS: readonly (readonly [from: string, imported: RegExp])[] = [
  ['src/contract/comlink-errors.ts', /^comlink$/],
  ['src/kernels/build-kernels.ts', /^(node:|assemblyscript\/asc$)/],
  ['src/engine/ort/', /^#ort(-webgpu)?$/],
  ['models/cli/quality/reference-run.ts', /^#ort$/],
  ['src/lib/fingerprint.ts', /^hash-wasm$/],
  ['src/engine/text/transformers-web', /transformers/],
  ['src/client/spawn-workers.ts', /^\.\.\/\.\.\/workers\/\w+\.worker\.ts\?worker&url$/],
  ['workers/ort-files.ts', /^onnxruntime-web\/.*\?(url|gzip)$/],
  ['workers/kernel-threads.ts', /^\.\.\/src\/kernels\/build\/\w+\.wasm\?url$/],
  ['workers/service.worker.ts', /^workbox-precaching$/],
];

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** One line for each import that the table forbids. @param path from the root, with `/` */
export function offences(path: string, source: string): readonly string[] {
  const layer = layerOf(path);
  const rule = RULES[layer];
  if (rule === undefined) return [`${path}: the layer "${layer}" is in no row of the table`];
  return importsIn(source).flatMap(({ specifier, isTypeOnly }) => {
    if (EXCEPTIONS.some(([from, what]) => path.startsWith(from) && what.test(specifier))) return [];
    const isOurs = specifier.startsWith('.');
    if (!isOurs) {
      const isAllowed = rule.packages.some(
        (name) => specifier === name || specifier.startsWith(name.replace(/(?<!:)$/, '/')),
      );
      return isAllowed ? [] : [`${path}: ${layer} may not import the package ${specifier}`];
    }
    const target = posix.join(posix.dirname(path), specifier);
    const targetLayer = layerOf(target);
    if (targetLayer === layer && layer !== 'workers') return [];
    if (/\.worker\.ts/.test(target)) return [`${path}: ${target} is a worker: name it by URL only`];
    if (targetLayer === layer) return [];
    if (!rule.layers.includes(targetLayer)) {
      return [`${path}: ${layer} may not import ${targetLayer} (${target})`];
    }
    if (rule.typesOf?.includes(targetLayer) === true && !isTypeOnly) {
      return [`${path}: ${layer} may import only types of ${targetLayer} (${target})`];
    }
    return [];
  });
}

function layerOf(path: string): string {
  const inner = INNER.find((folder) => path.startsWith(`${folder}/`));
  if (inner !== undefined) return inner.replace(/^src\//, '');
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

/** Static, side-effect, dynamic and re-exporting imports; comments are no imports. */
export function importsIn(source: string): readonly Import[] {
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements =
    /^\s*(?:import|export)\s+(?:(type\s)?(\{[^}]*\}|[^'";]*?)\s*from\s*)?['"]([^'"]+)['"]/gm;
  const calls = /\bimport\s*\(\s*['"]([^'"]+)['"]/g;
  return [
    ...[...code.matchAll(statements)].map(([, type, names = '', specifier = '']) => ({
      specifier,
      isTypeOnly: type !== undefined || everyNameIsType(names),
    })),
    ...[...code.matchAll(calls)].map(([, specifier = '']) => ({ specifier, isTypeOnly: false })),
  ];
}

function everyNameIsType(names: string): boolean {
  const listed = names
    .replace(/[{}]/g, '')
    .split(',')
    .filter((name) => name.trim() !== '');
  return listed.length > 0 && listed.every((name) => name.trim().startsWith('type '));
}
