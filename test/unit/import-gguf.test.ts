import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importGguf } from '../../models/import-gguf.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'offgrid-import-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** What Vite makes of an entry that imports `file` from beside it. */
async function built(file: string): Promise<Rolldown.RolldownOutput['output']> {
  const input = join(root, 'entry.js');
  await writeFile(input, `import file from './${file}';\nconsole.log(JSON.stringify(file));\n`);
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [importGguf()],
    build: { write: false, assetsInlineLimit: 0, rolldownOptions: { input } },
  });
  return (result as Rolldown.RolldownOutput).output;
}

test('an imported model tells its size and hash, and lies in the built page', async () => {
  const bytes = Buffer.from('GGUF and the rest of it');
  await writeFile(join(root, 'small.gguf'), bytes);

  const [entry, ...others] = await built('small.gguf');
  const asset = others.find(({ fileName }) => fileName.endsWith('.gguf'));

  expect(entry.code).toContain(createHash('sha256').update(bytes).digest('hex'));
  expect(entry.code).toMatch(new RegExp(`totalBytes: ?${bytes.byteLength}\\b`));
  expect(entry.code).toContain(asset?.fileName);
  expect(asset?.type === 'asset' ? asset.source : null).toEqual(bytes);
});

test('without the file, the page does not build, and the reason is one sentence', async () => {
  await expect(built('absent.gguf')).rejects.toThrow(/absent\.gguf is not there\. .*README\.md/);
});
