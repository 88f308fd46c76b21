import type { PolicyFile } from './policy.ts';

/**
 * Asks the host of this page for `policy.json`. It comes with the page and says that there is none; whoever serves the page may put another one in its
 * place. A host that answers with a web page instead has none.
 */
export async function fetchPolicyFile(fetchFile: typeof fetch, url: string): Promise<PolicyFile> {
  try {
    const response = await fetchFile(url, { cache: 'no-cache' });
    if (response.status === 404) return null;
    if (!response.ok) return 'unknown';
    const json = await response.text();
    return json.trimStart().startsWith('<') ? null : { json };
  } catch {
    return 'unknown'; // without a network
  }
}
