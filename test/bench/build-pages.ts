import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { EngineName } from './protocol.ts';

const ROOT = fileURLToPath(new URL('pages', import.meta.url));

/** The page of each engine, as its path on the bench's server. */
export const PAGE_PATHS: Readonly<Record<EngineName, string>> = {
  'ort-wasm': 'ort-wasm.html',
  wllama: 'wllama.html',
  'transformers.js': 'transformers.html',
};

/** Bundles the pages of these engines into a folder, minified as a visitor would get them. */
export async function buildPages(engines: readonly EngineName[], outFolder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: ROOT,
    base: './',
    publicDir: false,
    worker: { format: 'es' },
    build: {
      outDir: outFolder,
      emptyOutDir: false,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 100_000,
      rollupOptions: {
        input: engines.map((engine) =>
          fileURLToPath(new URL(`pages/${PAGE_PATHS[engine]}`, import.meta.url)),
        ),
      },
    },
  });
}
