import type { ServedFile } from './dependencies.ts';

/**
 * Reads `models/index.json`, the list of model files that the host of this page may keep beside it:
 * `[{ "fileName": "x.gguf", "totalBytes": 491400032 }]`, or bare file names. A host without that file
 * has no models; one that answers with a web page instead (single-page fallbacks) has none either.
 *
 * @param folder where the files lie, relative to the page, with a slash at the end
 */
export async function listServedFiles(
  fetchFile: typeof fetch,
  folder: string,
): Promise<readonly ServedFile[]> {
  try {
    const response = await fetchFile(`${folder}index.json`, { cache: 'no-cache' });
    if (!response.ok) return [];
    return parseServedFiles(await response.json(), folder);
  } catch {
    return []; // offline, or not JSON: the list is an offer, and its absence is no failure
  }
}

/** Entries that are not a plain `.gguf` name in that folder are left out: the list comes over the network. */
export function parseServedFiles(listed: unknown, folder: string): readonly ServedFile[] {
  if (!Array.isArray(listed)) return [];
  const files: ServedFile[] = [];
  for (const entry of listed as readonly unknown[]) {
    const { fileName, totalBytes } =
      typeof entry === 'string' ? { fileName: entry, totalBytes: null } : asEntry(entry);
    if (fileName === null || !/^[^/\\]+\.gguf$/i.test(fileName)) continue;
    files.push({ fileName, url: folder + encodeURIComponent(fileName), totalBytes });
  }
  return files;
}

function asEntry(entry: unknown): { fileName: string | null; totalBytes: number | null } {
  if (typeof entry !== 'object' || entry === null) return { fileName: null, totalBytes: null };
  const { fileName, totalBytes } = entry as { fileName?: unknown; totalBytes?: unknown };
  return {
    fileName: typeof fileName === 'string' ? fileName : null,
    totalBytes: typeof totalBytes === 'number' && totalBytes > 0 ? totalBytes : null,
  };
}
