import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  defaultClientConditions,
  defineConfig,
  type Connect,
  type Plugin,
  type UserConfig,
} from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import packageJson from './package.json' with { type: 'json' };
import { importGguf } from './models/import-gguf.ts';
import { serveModels } from './models/serve-models.ts';
import {
  headersFile,
  headersFor,
  headersForDev,
  metaPolicy,
  type Headers,
} from './src/pwa/headers.ts';

/** Styles that Vite's client puts into the page while developing carry it; a built page has no inline style. */
const DEV_NONCE = 'dev';

/** Relative, so that a built page works from any folder of a site; `_headers` needs `--base /folder/` to name it. */
const BASE = './';

export default defineConfig(({ command, isPreview }) => {
  const isDev = command === 'serve' && isPreview !== true;
  return {
    base: BASE,
    appType: 'mpa', // one page: any other address is a 404, as a static host answers it
    plugins: [
      sendHeaders(),
      importGguf(),
      serveModels(),
      gzipOnBuild(isDev),
      sendForWords(),
      offlineShell(),
    ],
    resolve: {
      // ORT's script without its WASM inlined: workers/inference.worker.ts names the two files it loads.
      conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
      alias: {
        'onnxruntime-web/webgpu': fileURLToPath(
          new URL('src/engine/text/no-onnxruntime.ts', import.meta.url),
        ),
      },
    },
    ...(isDev ? { html: { cspNonce: DEV_NONCE } } : {}),
    worker: {
      format: 'es',
      plugins: () => [importGguf(), gzipOnBuild(isDev)],
      rolldownOptions: { output: { ...fileNames(), entryFileNames } },
    },
    build: {
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: { output: fileNames() },
    },
    server: { host: 'localhost', port: 5173 },
    preview: { host: 'localhost', port: 4173 },
    // Workers are found by the scanner only when they start, and would reload the page to be optimised.
    optimizeDeps: {
      include: ['comlink', 'hash-wasm', 'onnxruntime-web/wasm', '@bufbuild/protobuf/wire'],
    },
  } satisfies UserConfig;
});

/** A folder for each worker, for each has its own policy, and one for ORT's files, whose names ORT insists on. */
function entryFileNames({ name }: { name: string }): string {
  return `workers/${name.replace('.worker', '')}/[hash].js`;
}

function fileNames() {
  return {
    chunkFileNames: 'assets/[name]-[hash].js',
    assetFileNames: ({ names }: { names: string[] }) =>
      names.some((name) => name.startsWith('ort-wasm'))
        ? `ort/${packageJson.dependencies['onnxruntime-web']}/[name][extname]`
        : 'assets/[name]-[hash][extname]',
  };
}

/** `NAME?gzip` is the address of that file compressed; while developing, of the file as it is. */
function gzipOnBuild(isDev: boolean): Plugin {
  const suffix = '?gzip';
  return {
    name: 'gzip-on-build',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (!id.endsWith(suffix)) return null;
      const file = await this.resolve(id.slice(0, -suffix.length), importer, { skipSelf: true });
      return file === null ? null : file.id + suffix;
    },
    async load(id) {
      if (!id.endsWith(suffix)) return null;
      const path = id.slice(0, -suffix.length);
      if (isDev) return `export { default } from ${JSON.stringify(`${path}?url`)};`;
      const source = gzipSync(await readFile(path), { level: 9 });
      const file = this.emitFile({ type: 'asset', name: `${basename(path)}.gz`, source });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

/** Gives every response of dev and preview the headers that a static host gets as `_headers`. */
function sendHeaders(): Plugin {
  let base = '/';
  const send = (middlewares: Connect.Server, headersOf: (path: string) => Headers) => {
    middlewares.use((request, response, next) => {
      const path = request.url?.split(/[?#]/, 1)[0] ?? '/';
      const below = path.startsWith(base) ? path.slice(base.length - 1) : path;
      for (const [name, value] of Object.entries(headersOf(below))) response.setHeader(name, value);
      next();
    });
  };
  return {
    name: 'send-headers',
    configResolved(config) {
      base = config.base.startsWith('/') ? config.base : '/'; // './' is served at the root
    },
    configureServer: ({ middlewares }) =>
      send(middlewares, (path) => headersForDev(path, DEV_NONCE)),
    configurePreviewServer: ({ middlewares }) => send(middlewares, headersFor),
    transformIndexHtml: {
      order: 'post',
      handler: (html, { server }) => {
        if (server !== undefined) return html; // while developing, styles come with a nonce that only a header can name
        const meta = `<meta http-equiv="Content-Security-Policy" content="${metaPolicy()}" />`;
        return html.replace('<meta charset="utf-8" />', (charset) => `${charset}\n    ${meta}`);
      },
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile(base) });
    },
  };
}

/**
 * The script that knows the visitor's language runs by itself, before the page has come: its words are then on their way beside
 * the page, not after it. The page imports the same script.
 */
function sendForWords(): Plugin {
  const path = fileURLToPath(new URL('src/ui/choose-words.ts', import.meta.url));
  return {
    name: 'send-for-words',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'chunk', id: path });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const script = Object.values(bundle).find(
          (file) => file.type === 'chunk' && file.facadeModuleId === path,
        );
        if (script === undefined) throw new Error(`no script was made of ${path}`);
        const tag = `<script type="module" crossorigin async src="${BASE}${script.fileName}"></script>`;
        return html.replace('<script type="module"', (page) => `${tag}\n    ${page}`);
      },
    },
  };
}

function integrityOf(bytes: Uint8Array): string {
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
}

/** Bundles the service worker and writes into it every file of the page with its hash. No model is among them but the guide. */
function offlineShell() {
  let folder = 'dist';
  const hashed = async <Entry extends { url: string }>(entry: Entry) => {
    const bytes = await readFile(resolve(folder, entry.url));
    const forms = entry.url.endsWith('.gz') ? [bytes, gunzipSync(bytes)] : [bytes];
    return { ...entry, integrity: forms.map(integrityOf).join(' ') };
  };
  return [
    {
      name: 'out-folder',
      configResolved({ root, build }) {
        folder = resolve(root, build.outDir);
      },
    } satisfies Plugin,
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'workers',
      filename: 'service.worker.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // Hashed or versioned, so that the browser's own cache may answer.
        dontCacheBustURLsMatching: /^(assets|ort|workers)\//,
        globPatterns: ['**/*.{html,js,mjs,css,wasm,gz,svg,png,webmanifest,gguf}'],
        maximumFileSizeToCacheInBytes: 32 * 2 ** 20,
        manifestTransforms: [
          async (entries) => ({ manifest: await Promise.all(entries.map(hashed)), warnings: [] }),
        ],
      },
    }),
  ];
}
