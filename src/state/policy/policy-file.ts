import type { PolicyFile } from './policy.ts';

/** A host that has not answered for so long about a file of some bytes is not going to. */
const LIMIT_MS = 10_000;
/** How static hosts say that there is no such file; some say it as if it were forbidden. */
const NONE: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * Asks the host of this page for `policy.json`. It comes with the page and says that there is none; whoever serves the page may put another one in its
 * place. A host that answers with a web page instead has none.
 */
export async function fetchPolicyFile(
  fetchFile: typeof fetch,
  url: string,
  limitMs = LIMIT_MS,
): Promise<PolicyFile> {
  try {
    const signal = AbortSignal.timeout(limitMs);
    const response = await fetchFile(url, { cache: 'no-cache', signal });
    if (NONE.has(response.status)) return null;
    if (!response.ok) return 'unknown';
    const json = await response.text();
    return json.trimStart().startsWith('<') ? null : { json };
  } catch {
    return 'unknown'; // without a network, or too late
  }
}
