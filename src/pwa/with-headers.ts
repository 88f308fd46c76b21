import type { Headers as Wanted } from './headers.ts';

/** Statuses whose responses have no body. */
const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * The response with these headers in place of its own of the same names; the very same one where it has them already.
 * What a page may not look into (a redirect, another origin's file) stays as it is.
 */
export function withHeaders(response: Response, wanted: Wanted): Response {
  if (response.status === 0 || hasHeaders(response, wanted)) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(wanted)) headers.set(name, value);
  return new Response(BODILESS.has(status) ? null : response.body, { status, statusText, headers });
}

export function hasHeaders({ headers }: Response, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([name, value]) => headers.get(name) === value);
}
