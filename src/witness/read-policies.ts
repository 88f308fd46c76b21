import type { ReadPolicy } from '../contract/requests.ts';

const HEADER = 'content-security-policy';

/**
 * The policies of the page and its workers as they are sent with page and scripts: each is asked for once more, the way
 * the browser asked for it. One that does not come (a host that is gone) is left out.
 */
export async function readPolicies(
  document: Document,
  workers: Readonly<Record<'inference' | 'store' | 'download', string>>,
): Promise<readonly ReadPolicy[]> {
  const [pageUrl = document.baseURI] = document.baseURI.split(/[?#]/, 1);
  const places = [['page', pageUrl] as const, ...Object.entries(workers)] as const;
  const read = await Promise.all(
    places.map(async ([bound, url]): Promise<ReadPolicy | null> => {
      const headers = await headersOf(new URL(url, document.baseURI).href);
      if (headers === null) return null;
      return { bound: bound as ReadPolicy['bound'], source: 'header', text: headers.get(HEADER) };
    }),
  );
  const element = document.querySelector<HTMLMetaElement>(`meta[http-equiv="${HEADER}" i]`);
  const inPage = { bound: 'page', source: 'element', text: element?.content ?? null } as const;
  return [inPage, ...read].filter((policy) => policy !== null);
}

async function headersOf(url: string): Promise<Headers | null> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.headers;
  } catch {
    return null;
  }
}
