import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gpuArguments } from '../bench/gpu-arguments.ts';
import { writeWebLlmFiles } from '../bench/web-llm-files.ts';
import { SOFTWARE_GPU } from '../support/browser.ts';

describe('the browser of the bench', () => {
  test('is as it always was where nobody asks for a GPU', () => {
    const plan = { engine: 'ort-wasm', against: ['wllama'], gpu: 'software' } as const;

    expect(gpuArguments(plan)).toEqual([]);
  });

  test('computes WebGPU in software where that is asked for', () => {
    const plan = { engine: 'ort-wasm', against: ['web-llm'], gpu: 'software' } as const;

    expect(gpuArguments(plan)).toEqual(SOFTWARE_GPU);
  });
});

describe("WebLLM's model", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-web-llm-'));
    await writeFile(join(folder, 'lib.wasm'), '');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const noteIn = async (mounts: Readonly<Record<string, string>>) =>
    JSON.parse(await readFile(mounts['/web-llm.json'] ?? '', 'utf8')) as unknown;

  test('of its own list is named to the page, and nothing is served', async () => {
    const mounts = await writeWebLlmFiles({ from: 'list', id: 'Some-MLC' }, folder);

    expect(Object.keys(mounts)).toEqual(['/web-llm.json']);
    expect(await noteIn(mounts)).toEqual({ from: 'list', id: 'Some-MLC' });
  });

  test('in a folder is served as on the Hub, and its library where it was named', async () => {
    const library = 'https://example.org/lib.wasm';

    const mounts = await writeWebLlmFiles({ from: 'place', model: folder, library }, folder);

    expect(mounts['/web-llm-model/resolve/main/']).toBe(folder);
    expect(await noteIn(mounts)).toEqual({
      from: 'url',
      modelUrl: '/web-llm-model/',
      libraryUrl: library,
    });
  });

  test('that is not there is refused before anything is measured', async () => {
    const choice = { from: 'place', model: join(folder, 'none'), library: 'lib.wasm' } as const;

    await expect(writeWebLlmFiles(choice, folder)).rejects.toThrow(/ENOENT/);
  });
});
