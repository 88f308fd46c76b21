import { scriptUrl } from '../client/script-url.ts';
import { SKIP_WAITING } from '../contract/service-worker.ts';

/** A newer version of the page that is here and waits. */
export interface Update {
  /** Lets it take over and reloads this tab. Not while an answer is being written. */
  apply(): void;
}

/**
 * Lets the service worker serve this page. Null where the browser has none for it: on an address that is not secure, in
 * some private windows, with storage switched off; and while developing.
 */
export async function registerServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return null;
  try {
    // A browser under automation that blocks them answers with nothing.
    const registration: ServiceWorkerRegistration | undefined =
      await navigator.serviceWorker.register(scriptUrl('service.worker.js'));
    return registration ?? null;
  } catch {
    return null;
  }
}

/** Tells of each newer version. It never takes over by itself: it waits until every tab is closed or `apply` is called. */
export function watchForUpdates(
  registration: ServiceWorkerRegistration,
  onUpdateReady: (update: Update) => void,
): void {
  const tell = (waiting: ServiceWorker) => onUpdateReady({ apply: () => takeOver(waiting) });
  if (registration.waiting !== null) tell(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing, active } = registration;
    installing?.addEventListener('statechange', () => {
      // Without an active one this is the first version, which is what the person looks at already.
      if (installing.state === 'installed' && active !== null) tell(installing);
    });
  });
}

function takeOver(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  });
  waiting.postMessage(SKIP_WAITING);
}
