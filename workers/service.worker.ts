/**
 * Keeps the page's own files, so that it opens without a network: the shell, scripts, styles and the runtime. Never
 * a model; those lie in OPFS. Responses are kept with their headers, isolation and policies included. All is fetched
 * when this is installed, but for the builds of the runtime that use a GPU: a browser needs one of them or none, so
 * that one is kept when it is first used.
 */
import { addRoute, matchPrecache, precache } from 'workbox-precaching';
import { SKIP_WAITING } from '../src/contract/service-worker.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Written by the build: every file with its revision. */
  readonly __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

const OWN_FILES = self.__WB_MANIFEST;
const SHELL = 'index.html';
const GPU_RUNTIME = /\/(ort\/[^/]+\/)[^/]+\.(jspi|asyncify)\.[a-z.]+$/;
const GPU_RUNTIME_CACHE = 'gpu-runtime';

// Before workbox's own listener, which sees all other requests.
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  event.stopImmediatePropagation();
  event.respondWith(openPage(event.request));
});

self.addEventListener('fetch', (event) => {
  if (!GPU_RUNTIME.test(event.request.url)) return;
  event.stopImmediatePropagation();
  event.respondWith(keepWhenUsed(event));
});

precache(OWN_FILES);
addRoute();

// The first version may serve the tab that installed it; a later one waits, see src/pwa/register.ts.
self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), dropOldRuntimes()]));
});
self.addEventListener('message', ({ data }) => {
  if (data === SKIP_WAITING) void self.skipWaiting();
});

/** The page itself comes from this device; any other address from its host, or the page where that is unreachable. */
async function openPage(request: Request): Promise<Response> {
  const shell = await matchPrecache(SHELL);
  const { pathname } = new URL(request.url);
  const root = new URL(self.registration.scope).pathname;
  if (shell !== undefined && (pathname === root || pathname === root + SHELL)) return shell;
  try {
    return await fetch(request);
  } catch (error) {
    if (shell === undefined) throw error;
    return shell;
  }
}

/** A file of the runtime never changes: its version is in its address. */
async function keepWhenUsed(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(GPU_RUNTIME_CACHE);
  const kept = await cache.match(request.url);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  // Where there is no room for it, it is fetched anew each time.
  if (response.ok) event.waitUntil(cache.put(request.url, response.clone()).catch(() => {}));
  return response;
}

/** Of other versions than the one that this page was built with. */
async function dropOldRuntimes(): Promise<void> {
  const urls = OWN_FILES.map((entry) => (typeof entry === 'string' ? entry : entry.url));
  const own = urls.find((url) => url.startsWith('ort/'));
  const folder = own?.slice(0, own.lastIndexOf('/') + 1);
  const cache = await caches.open(GPU_RUNTIME_CACHE);
  for (const { url } of await cache.keys()) {
    if (GPU_RUNTIME.exec(url)?.[1] !== folder) await cache.delete(url);
  }
}
