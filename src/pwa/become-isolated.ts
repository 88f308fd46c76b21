/**
 * Threads need a page that is cross-origin isolated, which two response headers make it. Where the host does not send
 * them the service worker does, from the next load on: so the first visit to such a host reloads once, before
 * anything has happened in it.
 */
export interface IsolationNeeds {
  readonly isIsolated: boolean;
  /** Resolves once a service worker serves this page, with false when there will be none. */
  untilServed(): Promise<boolean>;
  /** Whether a reload would take nothing from the person: no word typed, no question asked. */
  isUntouched(): boolean;
  /** Whether this tab has reloaded for it before, kept over the reload. */
  readonly tried: { read(): boolean; write(isTried: boolean): void };
  reload(): void;
}

/** Resolves when the page may begin; never when it is about to be reloaded. */
export async function becomeIsolated(needs: IsolationNeeds): Promise<void> {
  const { tried } = needs;
  if (needs.isIsolated) return tried.write(false);
  if (tried.read() || !(await needs.untilServed()) || !needs.isUntouched()) return;
  tried.write(true);
  if (!tried.read()) return; // where nothing is remembered, it could go on for ever
  needs.reload();
  await new Promise(() => {});
}

/** A service worker that does not come by then comes too late: the page begins without it. */
const PATIENCE_MS = 5_000;

/** Resolves with true once a service worker serves this page. */
export async function untilServed(
  serviceWorkers: ServiceWorkerContainer,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  if (serviceWorkers.controller !== null) return true;
  // Past a forced reload it is there and serves the next load, not this one.
  const registration = await serviceWorkers.getRegistration();
  if (registration?.active?.state === 'activated') return true;
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), patienceMs);
    serviceWorkers.addEventListener('controllerchange', () => resolve(true), { once: true });
  });
}
