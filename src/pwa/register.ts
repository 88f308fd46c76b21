import { scriptUrl } from '../client/script-url.ts';
import { SKIP_WAITING } from '../contract/service-worker.ts';

/** A newer version of the page that is here and waits. */
export interface Update {
  /** Lets it take over and reloads this tab. Not while an answer is being written. */
  apply(): void;
}

/**
 * Keeps the page on this device, so that it opens without a network. A newer version never takes over by itself:
 * it waits until every tab is closed or `apply` is called.
 *
 * @returns false where the browser keeps no pages (or while developing): everything works, online
 */
export async function registerServiceWorker(
  onUpdateReady: (update: Update) => void,
): Promise<boolean> {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return false;
  const { serviceWorker } = navigator;
  try {
    const registration = await serviceWorker.register(scriptUrl('service.worker.js'));
    const tell = (waiting: ServiceWorker) => onUpdateReady({ apply: () => takeOver(waiting) });
    if (registration.waiting !== null) tell(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        // Without a controller this is the first version, which is what the person looks at already.
        if (installing.state === 'installed' && serviceWorker.controller !== null) tell(installing);
      });
    });
    return true;
  } catch {
    return false; // a private window, or storage switched off
  }
}

function takeOver(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  });
  waiting.postMessage(SKIP_WAITING);
}
