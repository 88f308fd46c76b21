/**
 * Keeps the page's own files, so that it opens without a network: the shell, scripts, styles and the runtime. Never
 * a model; those lie in OPFS. Responses are kept with their headers, isolation and policies included.
 */
import { addRoute, matchPrecache, precache } from 'workbox-precaching';
import { SKIP_WAITING } from '../src/contract/service-worker.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Written by the build: every file with its revision. */
  readonly __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

const SHELL = 'index.html';

// Before workbox's own listener, which sees all other requests.
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  event.stopImmediatePropagation();
  event.respondWith(openPage(event.request));
});

precache(self.__WB_MANIFEST);
addRoute();

// The first version may serve the tab that installed it; a later one waits, see src/pwa/register.ts.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
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
