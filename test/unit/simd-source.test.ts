import { describe, expect, test } from 'vitest';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { createFingerprint } from '../../src/lib/fingerprint.ts';
import { compileForSimdInMemory, sourceOf, tinyBytes } from '../support/compiled-tiny.ts';

describe('a model prepared for our own kernels', () => {
  test('keeps its weights in the source: only the tokenizer is written beside it', async () => {
    const { manifest, files } = await compileForSimdInMemory(await tinyBytes());

    expect([...files.keys()].toSorted()).toEqual([
      'manifest.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(manifest.files.map(({ name }) => name)).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  test('says where each tensor of the source lies, in the order of the file', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const { tensors } = await readGguf(sourceOf(bytes));

    expect(manifest.tensors).toHaveLength(tensors.size);
    for (const { name, rows, columns, offset, byteLength } of manifest.tensors) {
      expect(tensors.get(name)).toMatchObject({ offset, byteLength, elements: rows * columns });
    }
    const offsets = manifest.tensors.map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  });

  test('holds the fingerprint of the whole source', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const fingerprint = await createFingerprint();

    fingerprint.update(bytes);

    expect(manifest.fingerprint).toBe(fingerprint.digest());
  });

  test.each([
    ['tiny-qwen2', true],
    ['tiny-qwen2-untied', false],
  ] as const)('says whether embedding and head are one matrix: %s', async (name, isTied) => {
    const { manifest } = await compileForSimdInMemory(await tinyBytes(name));

    expect(manifest.isTied).toBe(isTied);
  });
});
