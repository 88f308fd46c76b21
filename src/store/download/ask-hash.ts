/**
 * What a host says a file has to be, where nobody else does: its length and its SHA-256. Hosts of large files know
 * both, and say so in different places.
 */
import type { ExpectedFile } from '../../contract/download.ts';
import { toModelId } from '../../contract/model.ts';
import { pause } from '../../lib/pause.ts';
import type { Network } from './ask-host.ts';

export interface HostStatement {
  readonly expected: ExpectedFile;
  /** The address of this version of the file, which cannot move; as it was asked for where there is none. */
  readonly url: string;
}

/** Null where the host says nothing, or cannot be asked; that is no failure, and the download itself will tell. */
export async function askHash(
  url: string,
  network: Network,
  signal: AbortSignal,
): Promise<HostStatement | null> {
  return (await fromHeaders(url, network, signal)) ?? (await fromLfsPointer(url, network, signal));
}

/**
 * `Repr-Digest` (RFC 9530) is everybody's; `X-Linked-ETag` with `X-Linked-Size` is Hugging Face's, on an answer that
 * browsers follow past, so that it is seen only where the host sends the file itself.
 */
async function fromHeaders(
  url: string,
  network: Network,
  signal: AbortSignal,
): Promise<HostStatement | null> {
  const response = await ask(url, 'HEAD', network, signal);
  if (response === null || !response.ok) return null;
  const { headers } = response;
  const linked = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
  const digest = /(?:^|[ ,])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(
    headers.get('repr-digest') ?? '',
  )?.[1];
  const sha256 = linked ?? (digest === undefined ? undefined : hexOf(digest));
  const length = headers.get('x-linked-size') ?? headers.get('content-length') ?? '';
  if (sha256 === undefined || !/^\d{1,15}$/.test(length)) return null;
  return { url, expected: expectedOf(length, sha256) };
}

const HUGGING_FACE =
  /^(?<start>https:\/\/[^/]+\/[\w.-]+\/[\w.-]+)\/resolve\/(?<revision>[^/]+)\/(?<path>[^?#]+)/;

/**
 * Under `raw` in place of `resolve`, Hugging Face and its mirrors give what git keeps of a large file: a pointer that
 * says length and hash, and in a header of which commit it is.
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
async function fromLfsPointer(
  url: string,
  network: Network,
  signal: AbortSignal,
): Promise<HostStatement | null> {
  const { start, revision, path } = HUGGING_FACE.exec(url)?.groups ?? {};
  if (start === undefined || revision === undefined || path === undefined) return null;
  const response = await ask(`${start}/raw/${revision}/${path}`, 'GET', network, signal);
  if (response === null || !response.ok) return null;
  const pointer = await beginningOf(response);
  const sha256 = /^oid sha256:([0-9a-f]{64})$/m.exec(pointer)?.[1];
  const length = /^size (\d{1,15})$/m.exec(pointer)?.[1];
  if (sha256 === undefined || length === undefined) return null;
  const commit = response.headers.get('x-repo-commit') ?? '';
  const pinned = /^[0-9a-f]{40}$/.test(commit) ? commit : revision;
  return { url: `${start}/resolve/${pinned}/${path}`, expected: expectedOf(length, sha256) };
}

function expectedOf(length: string, sha256: string): ExpectedFile {
  return { totalBytes: Number(length), sha256: toModelId(sha256), vouchedBy: 'host' };
}

async function ask(
  url: string,
  method: 'HEAD' | 'GET',
  { fetch, stallMs }: Network,
  signal: AbortSignal,
): Promise<Response | null> {
  const request = new AbortController();
  const silence = pause(stallMs, signal).then(() => {
    request.abort();
    return null;
  });
  const answer = fetch(url, {
    method,
    signal: request.signal,
    referrerPolicy: 'no-referrer',
    credentials: 'omit',
    cache: 'no-store',
  }).catch(() => null);
  return Promise.race([answer, silence]);
}

/** A pointer has some 130 bytes; what is longer is none, and may be very long. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const piece = await reader?.read().catch(() => null);
  await reader?.cancel().catch(() => {});
  return new TextDecoder().decode(piece?.value?.subarray(0, 1024));
}

function hexOf(base64: string): string {
  return Array.from(atob(base64), (char) =>
    (char.codePointAt(0) ?? 0).toString(16).padStart(2, '0'),
  ).join('');
}
