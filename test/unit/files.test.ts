import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeFiles } from '../../models/cli/node-files.ts';
import type { Files } from '../../src/store/files.ts';
import { openOpfsFiles } from '../../src/store/opfs-files.ts';
import { editableFilesScenarios, filesScenarios } from '../contract/files.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const implementations: readonly [string, () => Files][] = [
  ['memory', () => new MemoryFiles()],
  [
    'a folder in Node',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'offgrid-files-'));
      folders.push(folder);
      return nodeFiles(folder);
    },
  ],
];

describe.each(implementations)('files in %s', (_name, create) => {
  test.each(filesScenarios)('$name', async ({ run }) => {
    await expect(run(create())).resolves.toBeUndefined();
  });
});

describe('editing files in memory', () => {
  test.each(editableFilesScenarios)('$name', async ({ run }) => {
    await expect(run(new MemoryFiles())).resolves.toBeUndefined();
  });
});

test('a place without an origin private file system is storage-unavailable', async () => {
  await expect(openOpfsFiles('anything')).rejects.toMatchObject({ code: 'storage-unavailable' });
});

test('memory that is full refuses with storage-full and keeps what it has', async () => {
  const files = new MemoryFiles();
  files.quotaBytes = 10;
  const file = await files.create('a');
  await file.write(new Uint8Array(10));

  await expect(file.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'storage-full' });

  expect(files.usedBytes).toBe(10);
});
