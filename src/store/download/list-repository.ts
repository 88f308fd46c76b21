import type { RepositoryFile } from '../../contract/download.ts';
import { AppError } from '../../contract/errors.ts';
import { HUBS } from '../../contract/model-hosts.ts';
import { pause } from '../../lib/pause.ts';
import type { Network } from './ask-host.ts';

/**
 * Which models in GGUF form lie at the top revision of a repository, as Hugging Face tells it, or its mirror where it
 * cannot be asked. A model in several files is left out: this program reads one.
 * @param repo `owner/name`
 * @throws AppError `download-failed`
 * @see https://huggingface.co/docs/hub/api
 */
export async function listRepository(
  repo: string,
  network: Network,
): Promise<readonly RepositoryFile[]> {
  let status: number | null = null;
  for (const hub of HUBS) {
    const response = await ask(`${hub}/api/models/${repo}/tree/main?recursive=true`, network);
    const listed = response?.ok === true ? await response.json().catch(() => null) : null;
    if (Array.isArray(listed)) return modelsAmong(listed);
    status ??= response?.status ?? null;
  }
  const isRefused = status !== null && status >= 400 && status < 500;
  throw new AppError('download-failed', `list of ${repo}: HTTP ${status ?? 'unanswered'}`, {
    detail: { type: isRefused ? 'no-repository' : 'repository-untold' },
  });
}

/** Null when nobody answered in time. */
async function ask(url: string, { fetch, stallMs }: Network): Promise<Response | null> {
  const request = new AbortController();
  const answered = new AbortController();
  const silence = pause(stallMs, answered.signal).then(() => {
    if (!answered.signal.aborted) request.abort();
    return null;
  });
  const answer = fetch(url, {
    signal: request.signal,
    referrerPolicy: 'no-referrer',
    credentials: 'omit',
  }).catch(() => null);
  const first = await Promise.race([answer, silence]);
  answered.abort();
  return first;
}

/** One of several files that are a model together only. */
const IS_SHARD = /-\d{5}-of-\d{5}\.gguf$/i;

function modelsAmong(listed: readonly unknown[]): readonly RepositoryFile[] {
  return listed
    .filter(isFile)
    .filter(({ path }) => /.\.gguf$/i.test(path) && !IS_SHARD.test(path))
    .map(({ path, size }) => ({ path, totalBytes: size }))
    .sort((a, b) => a.totalBytes - b.totalBytes);
}

function isFile(entry: unknown): entry is { readonly path: string; readonly size: number } {
  if (typeof entry !== 'object' || entry === null) return false;
  const { type, path, size } = entry as Record<string, unknown>;
  return type === 'file' && typeof path === 'string' && Number.isSafeInteger(size);
}
