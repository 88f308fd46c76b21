import { KEEP, type KeptFile, type PageCopy } from '../contract/service-worker.ts';

/** Fetching all of it over a slow line takes minutes; a service worker that was ended in between never answers. */
const PATIENCE_MS = 300_000;

/**
 * Has the service worker fetch what is missing and look at every file. Null where there is no service worker, or none that
 * answers: one that the browser ends in between goes on with the next call.
 */
export async function keepPage(
  serviceWorkers: ServiceWorkerContainer | undefined,
  patienceMs = PATIENCE_MS,
): Promise<PageCopy | null> {
  const active = (await serviceWorkers?.getRegistration().catch(() => undefined))?.active;
  if (serviceWorkers === undefined || active === undefined || active === null) return null;
  const { port1: port, port2: far } = new MessageChannel();
  const files = await new Promise<readonly KeptFile[] | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), patienceMs);
    port.onmessage = ({ data }: MessageEvent<readonly KeptFile[]>) => {
      clearTimeout(timer);
      resolve(data);
    };
    active.postMessage(KEEP, [far]);
  });
  port.close();
  return files === null ? null : { isControlled: serviceWorkers.controller === active, files };
}
