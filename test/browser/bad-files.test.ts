/** Whatever file a person gives the page: one clear sentence, nothing left behind, and a good file next works. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { ask, dismissFailure, openModel, untilGuideIsReady } from '../support/chat.ts';
import { forgetModels } from '../support/forget-models.ts';
import { buildGguf } from '../support/gguf-builder.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';

let site: ServedPage;
let browser: TestBrowser;
let folder: string;

beforeAll(async () => {
  site = await servePage();
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'offgrid-bad-'));
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const page of browser.context.pages()) await page.close();
  await forget();
});

/** Every file below the page's private folder, with its path. */
const filesOnDevice = (page: Page) =>
  page.evaluate(async () => {
    const paths: string[] = [];
    const visit = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'file') paths.push(`${path}/${name}`);
        else await visit(handle, `${path}/${name}`);
      }
    };
    await visit(await navigator.storage.getDirectory(), '');
    return paths.sort();
  });

const tensor = { name: 'token_embd.weight', type: 'F32', dims: [32, 4] } as const;
const qwen2 = { 'general.architecture': 'qwen2' };

/** The tiny model with the first occurrence of some bytes replaced by as many others. */
async function tinyWith(from: string, to: string): Promise<Uint8Array> {
  const bytes = await readFile(TINY);
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`${from} does not occur`);
  bytes.write(to, at, 'latin1');
  return bytes;
}

const BAD: readonly (readonly [string, () => Promise<Uint8Array>, RegExp])[] = [
  ['text', async () => Buffer.from('Hello, I am a text.'.repeat(50)), /not a GGUF model/],
  [
    'a web page',
    async () => Buffer.from('<!doctype html><title>Sign in</title>'.repeat(20)),
    /web page/,
  ],
  ['nothing at all', async () => new Uint8Array(0), /empty|shorter/i],
  ['a file cut in its header', async () => (await readFile(TINY)).subarray(0, 3000), /shorter/],
  ['a file cut in its weights', async () => (await readFile(TINY)).subarray(0, -5000), /shorter/],
  [
    'another architecture',
    async () => buildGguf({ metadata: { 'general.architecture': 'llama' }, tensors: [tensor] }),
    /Qwen2 family/,
  ],
  [
    'an absurd count of tensors',
    async () => buildGguf({ metadata: qwen2, tensors: [tensor], tensorCount: 2n ** 60n }),
    /damaged/,
  ],
  [
    'an offset past the end',
    async () => buildGguf({ metadata: qwen2, tensors: [{ ...tensor, offset: 2n ** 40n }] }),
    /shorter|damaged/,
  ],
  [
    'an unknown type of tensor',
    async () => buildGguf({ metadata: qwen2, tensors: [{ ...tensor, typeId: 199 }] }),
    /number format/,
  ],
  ['a version from the future', async () => buildGguf({ version: 99 }), /version/],
  ['a layer too few', async () => tinyWith('blk.1.ffn_up.weight', 'blk.9.ffn_up.weight'), /lacks/],
];

test.each(BAD)(
  '%s is refused with a sentence, and a good file next works',
  async (_name, make, says) => {
    const path = join(folder, 'bad.gguf');
    await writeFile(path, await make());
    const { page } = await browser.openPage(site.origin);
    await untilGuideIsReady(page);
    const before = await filesOnDevice(page);

    const sentence = await openModel(page, path).then(
      () => 'it was taken',
      (error: Error) => error.message,
    );
    await expect.poll(() => filesOnDevice(page), PATIENT).toEqual(before);
    await dismissFailure(page);
    await openModel(page, TINY);
    const { text } = await ask(page, 'Hello');

    expect(sentence).toMatch(says);
    expect(sentence).toMatch(/[.!]$/m);
    expect(text.length).toBeGreaterThan(0);
  },
);

/** Leaves the device as it was, the guide on it, so that each case begins alike. */
async function forget(): Promise<void> {
  const page = await browser.context.newPage();
  await page.goto(`${site.origin}/manifest.webmanifest`);
  await forgetModels(page);
  await page.close();
}
