import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import json from '../../models/catalog.json';
import chunkHashes from '../../models/chunk-hashes.json';
import { parseCatalog } from '../../src/contract/catalog.ts';
import { toModelId } from '../../src/contract/model.ts';
import { chunkCount, chunkStart } from '../../src/store/download/chunks.ts';
import { parseChunkHashes } from '../../src/store/download/published-chunks.ts';

describe('the catalogue that comes with the project', () => {
  const entries = parseCatalog(json);

  test('names the three official files, each by its revision', () => {
    expect(
      entries.map(({ fileName, totalBytes, sha256 }) => [fileName, totalBytes, sha256]),
    ).toEqual([
      [
        'qwen2.5-0.5b-instruct-q4_k_m.gguf',
        491_400_032,
        '74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db',
      ],
      [
        'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
        491_400_064,
        '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
      ],
      [
        'qwen2.5-1.5b-instruct-q4_k_m.gguf',
        1_117_320_736,
        '6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e',
      ],
    ]);
  });

  test.each(entries.map((entry) => [entry.title, entry] as const))(
    '%s comes over HTTPS from a revision that cannot move',
    (_title, { url }) => {
      expect(url).toMatch(/^https:\/\/huggingface\.co\/Qwen\/[^/]+\/resolve\/[0-9a-f]{40}\//);
    },
  );
});

describe('a catalogue that is off is refused by field', () => {
  const [good] = json.models;
  const ENOUGH = { peakBytes: 1e9, answeringBytes: 1e9, basis: 'measured' };

  test.each<[string, object, RegExp]>([
    ['plain HTTP', { url: good?.url.replace('https:', 'http:') }, /url of model 0/],
    [
      'another host',
      { url: good?.url.replace('huggingface.co', 'example.org') },
      /not that of its repo/,
    ],
    ['a branch for a revision', { revision: 'main' }, /revision/],
    ['a url of another revision', { revision: '0'.repeat(40) }, /not that of its repo/],
    ['a short hash', { sha256: 'abc' }, /sha256/],
    ['a hash in capitals', { sha256: good?.sha256.toUpperCase() }, /sha256/],
    ['a size as text', { totalBytes: '491400032' }, /totalBytes/],
    ['a size of nothing', { totalBytes: 0 }, /totalBytes/],
    ['a size beyond reason', { totalBytes: 1e15 }, /totalBytes/],
    ['no mirrors', { mirrors: undefined }, /mirror/],
    ['a mirror out of reach', { mirrors: [`https://example.org/${good?.fileName}`] }, /mirror/],
    ['a mirror of another file', { mirrors: [`${good?.mirrors[0]}.bak`] }, /mirror/],
    ['a need of nothing', { memory: { 'wasm-int8': {} } }, /memory of model 0 for wasm-int8/],
    ['a need for what does not exist', { memory: { gpu: ENOUGH } }, /memory of model 0 for gpu/],
    [
      'more memory for answering than at its most',
      { memory: { 'wasm-int8': { ...ENOUGH, answeringBytes: 2e9 } } },
      /memory of model 0/,
    ],
    ['a path for a file name', { fileName: '../x.gguf' }, /fileName/],
    ['another kind of file', { fileName: 'model.bin' }, /fileName/],
    ['no title', { title: undefined }, /title/],
    ['an empty licence', { licence: '' }, /licence/],
    ['a key with a space', { key: 'a b' }, /key/],
  ])('%s', (_name, change, words) => {
    const catalog = { version: 1, models: [{ ...good, ...change }] };

    expect(() => parseCatalog(catalog)).toThrow(words);
  });

  test.each<[string, unknown, RegExp]>([
    ['not an object', null, /not an object/],
    ['a list', [], /not an object/],
    ['another version', { version: 2, models: [] }, /version/],
    ['no models', { version: 1 }, /models/],
    ['a model that is text', { version: 1, models: ['x'] }, /model 0 is not an object/],
    ['the same key twice', { version: 1, models: [good, good] }, /key occurs twice/],
    [
      'the same file twice',
      { version: 1, models: [good, { ...good, key: 'other' }] },
      /sha256 occurs twice/,
    ],
  ])('%s', (_name, catalog, words) => {
    expect(() => parseCatalog(catalog)).toThrow(words);
  });
});

describe('the published hashes of chunks', () => {
  const hashes = parseChunkHashes(chunkHashes);
  const entries = parseCatalog(json);

  test('are of files of the catalogue, one for each chunk', () => {
    expect(hashes.size).toBeGreaterThan(0);
    for (const [id, list] of hashes) {
      const entry = entries.find(({ sha256 }) => sha256 === id);
      expect(list.length).toBe(chunkCount(entry?.totalBytes ?? 0));
    }
  });

  test.skipIf(process.env['MODEL'] === undefined)('are those of the real file', async () => {
    const bytes = await readFile(process.env['MODEL'] ?? '');
    const sha256Of = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');
    const list = hashes.get(toModelId(sha256Of(bytes)));

    expect(list).toEqual(
      Array.from({ length: chunkCount(bytes.byteLength) }, (_, index) =>
        sha256Of(bytes.subarray(chunkStart(index), chunkStart(index + 1))),
      ),
    );
  });

  test.each<[string, object, RegExp]>([
    ['of another version', { version: 2 }, /version/],
    ['of chunks of another size', { chunkBytes: 5 }, /other chunks/],
    ['of a file without a hash', { files: { abc: [] } }, /hex digits/],
    ['that are none', { files: { ['a'.repeat(64)]: ['xyz'] } }, /no hashes/],
  ])('%s are refused', (_name, change, words) => {
    expect(() => parseChunkHashes({ ...chunkHashes, ...change })).toThrow(words);
  });
});
