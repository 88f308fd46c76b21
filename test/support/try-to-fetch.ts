import type { Page, Worker } from 'playwright-core';

export interface Attempt {
  /** What `fetch` rejected with. */
  readonly error: string;
  /** Addresses that a policy refused, each once. */
  readonly refused: readonly string[];
}

/** Tries to reach an address from within a page or a worker. */
export function tryToFetch(from: Page | Worker, url: string): Promise<Attempt> {
  // Page and Worker have the same method, but TypeScript does not call a union of overloads.
  const place: Pick<Worker, 'evaluate'> = from;
  return place.evaluate(async (address) => {
    const refused: string[] = [];
    addEventListener('securitypolicyviolation', ({ blockedURI }) => refused.push(blockedURI));
    const error = await fetch(address, { mode: 'no-cors' }).then(
      () => 'none: it was reached',
      (error) => String(error),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { error, refused: [...new Set(refused)] }; // each policy tells: that of the header, that of the element
  }, url);
}
