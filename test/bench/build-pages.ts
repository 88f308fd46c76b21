import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import type { EngineName } from './protocol.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The page of each engine, as its path on the bench's server. */
export const PAGE_PATHS: Readonly<Record<EngineName, string>> = {
  simd: 'simd.html',
  'simd-plain': 'simd-plain.html',
  'simd-lookup': 'simd-lookup.html',
  'ort-wasm': 'ort-wasm.html',
  wllama: 'wllama.html',
  'transformers.js': 'transformers.html',
  'transformers.js-webgpu': 'transformers-webgpu.html',
  'webgpu-f16': 'webgpu-f16.html',
  'webgpu-f16-fp32': 'webgpu-f16-fp32.html',
  'webgpu-f32': 'webgpu-f32.html',
  'web-llm': 'web-llm.html',
};

/** Bundles the page of one engine into a folder, minified as a visitor would get it. */
export async function buildPage(engine: EngineName, outFolder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: pathOf('pages'),
    base: './',
    publicDir: false,
    resolve: {
      // ORT's script without its WASM inlined: workers load both from the server, by name.
      conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
      alias: aliasesOf(engine),
    },
    worker: { format: 'es' },
    build: {
      outDir: outFolder,
      emptyOutDir: false,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 100_000,
      rollupOptions: { input: pathOf(`pages/${PAGE_PATHS[engine]}`) },
    },
  });
}

const PEERS: ReadonlySet<EngineName> = new Set([
  'wllama',
  'transformers.js',
  'transformers.js-webgpu',
  'web-llm',
]);

/** Our engines take only the tokenizer from transformers.js, as in the product's own bundle. */
function aliasesOf(engine: EngineName): Readonly<Record<string, string>> {
  if (PEERS.has(engine)) return {};
  return { 'onnxruntime-web/webgpu': pathOf('../../src/engine/text/no-onnxruntime.ts') };
}
