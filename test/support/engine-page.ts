import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import { serve } from '../bench/serve.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export interface EnginePageSite {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Builds and serves test/browser/pages/engine.html, isolated, with the runtime's files under `/ort/`.
 * @param folders what else is served: URL path of each folder, with a slash at the end, and where it lies
 */
export async function serveEnginePage(
  folders: Readonly<Record<string, string>>,
): Promise<EnginePageSite> {
  const outFolder = await mkdtemp(join(tmpdir(), 'offgrid-engine-page-'));
  await build({
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    root: pathOf('../browser/pages'),
    base: './',
    publicDir: false,
    resolve: {
      conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
      alias: { 'onnxruntime-web/webgpu': pathOf('../../src/engine/text/no-onnxruntime.ts') },
    },
    worker: { format: 'es' },
    build: {
      outDir: outFolder,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 100_000,
      rolldownOptions: { input: pathOf('../browser/pages/engine.html') },
    },
  });
  const server = await serve({
    '/': `${outFolder}/`,
    '/ort/': pathOf('../../node_modules/onnxruntime-web/dist/'),
    ...folders,
  });
  return {
    url: `${server.origin}/engine.html`,
    async stop() {
      await server.close();
      await rm(outFolder, { recursive: true, force: true });
    },
  };
}
