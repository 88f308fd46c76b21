/** `models/catalog.json`: the files whose publisher, size and hash are known. */
import { isReachable } from './model-hosts.ts';
import { toModelId, type Target } from './model.ts';
import type { CatalogEntry, MemoryNeed } from './store.ts';

/** A GGUF of the Qwen2 family has a vocabulary of 152k tokens: less than a megabyte is a slip of the pen. */
const LEAST_BYTES = 1e6;
const MOST_BYTES = 64e9;

/**
 * @param json the parsed file
 * @throws Error that names entry and field: the file is part of the program, so a fault in it is a bug
 */
export function parseCatalog(json: unknown): readonly CatalogEntry[] {
  const root = objectOf(json, 'catalog');
  if (root['version'] !== 1) throw new Error('catalog: version is not 1');
  const models = root['models'];
  if (!Array.isArray(models)) throw new Error('catalog: models is not a list');
  const entries = models.map((model, at) => parseEntry(objectOf(model, `model ${at}`), at));
  for (const field of ['key', 'sha256'] as const) {
    const values = entries.map((entry) => entry[field]);
    if (new Set(values).size < values.length) throw new Error(`catalog: a ${field} occurs twice`);
  }
  return entries;
}

function parseEntry(model: Record<string, unknown>, at: number): CatalogEntry {
  const text = (field: string, shape: RegExp): string => {
    const value = model[field];
    if (typeof value === 'string' && shape.test(value)) return value;
    throw new Error(`catalog: ${field} of model ${at} is ${JSON.stringify(value)}`);
  };
  const repo = text('repo', /^[\w.-]+\/[\w.-]+$/);
  const revision = text('revision', /^[0-9a-f]{40}$/);
  const fileName = text('fileName', /^[\w.-]+\.gguf$/);
  const url = text('url', /^https:\/\/[^\s?#]+$/);
  // A branch name in place of the revision would let the file change under its hash.
  if (url !== `https://huggingface.co/${repo}/resolve/${revision}/${fileName}`) {
    throw new Error(`catalog: url of model ${at} is not that of its repo, revision and fileName`);
  }
  const mirrors = model['mirrors'];
  const isMirror = (mirror: unknown) =>
    typeof mirror === 'string' && mirror.endsWith(`/${fileName}`) && isReachable(mirror, '');
  if (!Array.isArray(mirrors) || !mirrors.every(isMirror)) {
    throw new Error(`catalog: a mirror of model ${at} is not an address that the policy allows`);
  }
  return {
    key: text('key', /^[a-z0-9]+([._-][a-z0-9]+)*$/),
    title: text('title', /^\S.*\S$/),
    fileName,
    url,
    totalBytes: byteCount(model['totalBytes'], at),
    sha256: toModelId(text('sha256', /^[0-9a-f]{64}$/)),
    licence: text('licence', /^[\w.-]+$/),
    mirrors,
    memory: memoryNeeds(model['memory'], at),
  };
}

const TARGETS: readonly Target[] = ['webgpu-f16', 'webgpu-f32', 'simd-int8', 'wasm-int8'];

function memoryNeeds(value: unknown, at: number): CatalogEntry['memory'] {
  const needs = objectOf(value, `memory of model ${at}`);
  return Object.fromEntries(
    Object.entries(needs).map(([target, need]): [Target, MemoryNeed] => {
      const what = `memory of model ${at} for ${target}`;
      const known = TARGETS.find((name) => name === target);
      const { peakBytes, answeringBytes, basis } = objectOf(need, what);
      const isNeed =
        known !== undefined &&
        isBytes(peakBytes) &&
        isBytes(answeringBytes) &&
        answeringBytes <= peakBytes &&
        (basis === 'measured' || basis === 'computed' || basis === 'scaled');
      if (!isNeed) throw new Error(`catalog: ${what} is off`);
      return [known, { peakBytes, answeringBytes, basis }];
    }),
  );
}

function isBytes(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function byteCount(value: unknown, at: number): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value);
  if (isCount && value >= LEAST_BYTES && value <= MOST_BYTES) return value;
  throw new Error(`catalog: totalBytes of model ${at} is ${JSON.stringify(value)}`);
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`catalog: ${what} is not an object`);
}
