/**
 * Keeps the page's own files, so that it opens without a network: the shell, scripts, styles, the runtime and the
 * guide. Never another model; those lie in OPFS. Every file is kept only with the bytes that the build hashed, and
 * with the headers of this version, isolation and policies: so a host that sends none gets them too.
 *
 * The first version takes over at once and fetches when the page asks it to, for what the person waits for comes first.
 * A later one fetches all before it waits to take over. The builds of the runtime that use a GPU are kept when they
 * are first used: a browser needs one of them or none.
 */
import { PrecacheController } from 'workbox-precaching';
import { KEEP, SKIP_WAITING, type KeptFile } from '../src/contract/service-worker.ts';
import { headersFor } from '../src/pwa/headers.ts';
import { isIntact } from '../src/pwa/integrity.ts';
import { hasHeaders, withHeaders } from '../src/pwa/with-headers.ts';
import { tellRequests } from '../src/witness/tell-requests.ts';

interface OwnFile {
  readonly url: string;
  /** Null where the address itself changes with the file. */
  readonly revision: string | null;
  /** A packed file has two: many hosts send it as `Content-Encoding: gzip`, and it arrives unpacked. */
  readonly integrity: string;
}

declare const self: ServiceWorkerGlobalScope & {
  /** Written by the build: every file of the page. */
  readonly __WB_MANIFEST: OwnFile[];
};

const OWN_FILES: readonly OwnFile[] = self.__WB_MANIFEST;
const SHELL = 'index.html';
const GPU_RUNTIME = /^ort\/[^/]+\/[^/]+\.(jspi|asyncify)\.[a-z.]+$/;
const GPU_RUNTIME_CACHE = 'gpu-runtime';
const ROOT = new URL(self.registration.scope);

const gpuFiles = OWN_FILES.filter(({ url }) => GPU_RUNTIME.test(url));
const neededFiles = OWN_FILES.filter(({ url }) => !GPU_RUNTIME.test(url));

const shelf = new PrecacheController({
  plugins: [
    {
      cacheWillUpdate: async ({ request, response }) =>
        response.ok ? withHeaders(response, headersFor(pathOf(request.url))) : null,
    },
  ],
});
shelf.addToCacheList([...neededFiles]);

self.addEventListener('install', (event) => {
  if (self.registration.active !== null) void shelf.install(event);
});
self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([shelf.activate(event), dropOldRuntimes(), self.clients.claim()]));
});
self.addEventListener('message', (event) => {
  if (event.data === SKIP_WAITING) void self.skipWaiting();
  if (event.data === KEEP) {
    event.waitUntil(keepAll(event).then((files) => event.ports[0]?.postMessage(files)));
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, href } = new URL(request.url);
  if (request.method !== 'GET' || origin !== ROOT.origin) return;
  const gpuFile = gpuFiles.find(({ url }) => new URL(url, ROOT).href === href);
  if (request.mode === 'navigate') event.respondWith(openPage(request));
  else if (gpuFile !== undefined) event.respondWith(keepWhenUsed(event, gpuFile));
  else if (shelf.getCacheKeyForURL(href) !== undefined) event.respondWith(openOwnFile(request));
});

// A service worker has no page of its own: all that are open hear of what it fetches.
tellRequests('service-worker', (toldRequests) => {
  void self.clients
    .matchAll({ type: 'window', includeUncontrolled: true })
    .then((pages) => pages.forEach((page) => page.postMessage({ toldRequests })));
});

/** The page itself comes from this device; any other address from its host, or the page where that is unreachable. */
async function openPage(request: Request): Promise<Response> {
  const shell = await shelf.matchPrecache(SHELL);
  const path = pathOf(request.url);
  if (shell !== undefined && (path === '/' || path === `/${SHELL}`)) return shell;
  try {
    return withHeaders(await fetch(request), headersFor(path));
  } catch (error) {
    if (shell === undefined) throw error;
    return shell;
  }
}

async function openOwnFile(request: Request): Promise<Response> {
  const kept = await shelf.matchPrecache(request.url);
  return kept ?? withHeaders(await fetch(request), headersFor(pathOf(request.url)));
}

/** A file of the runtime never changes: its version is in its address. */
async function keepWhenUsed(event: FetchEvent, { url, integrity }: OwnFile): Promise<Response> {
  const address = new URL(url, ROOT).href;
  const cache = await caches.open(GPU_RUNTIME_CACHE);
  const kept = await cache.match(address);
  if (kept !== undefined) return kept;
  const fetched = await fetch(address, { integrity });
  const response = withHeaders(fetched, headersFor(pathOf(address)));
  // Where there is no room for it, it is fetched anew each time.
  if (response.ok) event.waitUntil(cache.put(address, response.clone()).catch(() => {}));
  return response;
}

let keeping: Promise<readonly KeptFile[]> | null = null;

/** One pass over all files at a time, whoever asks. */
function keepAll(event: ExtendableEvent): Promise<readonly KeptFile[]> {
  keeping ??= keepEach(event).finally(() => (keeping = null));
  return keeping;
}

async function keepEach(event: ExtendableEvent): Promise<readonly KeptFile[]> {
  const files: KeptFile[] = [];
  for (const file of neededFiles) {
    let found = await look(shelf.strategy.cacheName, keyOf(file), file);
    if (found.state === 'missing') {
      await fetchOne(event, file);
      found = await look(shelf.strategy.cacheName, keyOf(file), file);
    }
    files.push({ ...found, isNeeded: 'always' });
  }
  for (const file of gpuFiles) {
    const found = await look(GPU_RUNTIME_CACHE, new URL(file.url, ROOT).href, file);
    files.push({ ...found, isNeeded: 'on-gpu' });
  }
  return files;
}

/**
 * How a file lies here. What is damaged is put away, so that the next pass fetches it, and told once; what an earlier
 * version kept gets the headers of this one.
 */
async function look(
  cacheName: string,
  key: string,
  { url: path, integrity }: OwnFile,
): Promise<Omit<KeptFile, 'isNeeded'>> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(key);
  if (kept === undefined) return { path, totalBytes: null, state: 'missing' };
  const wanted = headersFor(pathOf(key));
  const bytes = await kept.clone().arrayBuffer();
  if (!(await isIntact(bytes, integrity))) {
    await cache.delete(key);
    return { path, totalBytes: bytes.byteLength, state: 'damaged' };
  }
  if (!hasHeaders(kept, wanted)) await cache.put(key, withHeaders(kept, wanted));
  return { path, totalBytes: bytes.byteLength, state: 'kept' };
}

/** Fetches a file and keeps it if its bytes are those that the build hashed. Failing leaves it missing. */
async function fetchOne(event: ExtendableEvent, file: OwnFile): Promise<void> {
  const { integrity, url, revision } = file;
  const cache = revision === null ? 'default' : 'reload';
  const request = new Request(new URL(url, ROOT), { integrity, cache, credentials: 'same-origin' });
  const params = { cacheKey: keyOf(file), integrity };
  try {
    await Promise.all(shelf.strategy.handleAll({ request, params, event }));
  } catch {
    // Without a network, without room, or changed by the host: what is missing is told.
  }
}

function keyOf({ url }: OwnFile): string {
  return shelf.getCacheKeyForURL(url) ?? url;
}

/** From the folder of the page, with a slash before it. */
function pathOf(url: string): string {
  return new URL(url).pathname.slice(ROOT.pathname.length - 1);
}

/** Of other versions than the one that this page was built with. */
async function dropOldRuntimes(): Promise<void> {
  const own = new Set(gpuFiles.map(({ url }) => new URL(url, ROOT).href));
  const cache = await caches.open(GPU_RUNTIME_CACHE);
  for (const { url } of await cache.keys()) {
    if (!own.has(url)) await cache.delete(url);
  }
}
