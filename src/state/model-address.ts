import type { WantedFile } from '../contract/download.ts';
import { HUBS, isReachable } from '../contract/model-hosts.ts';

/** What a person typed to say where a model lies, and what it means. */
export type ModelAddress =
  | { readonly type: 'file'; readonly file: WantedFile }
  /** @property repo on Hugging Face, `owner/name`: which file of it is not said */
  | { readonly type: 'repository'; readonly repo: string }
  | { readonly type: 'wrong'; readonly reason: AddressFault };

/**
 * `no-address`: neither an address nor a repository. `not-gguf`: another kind of file. `out-of-reach`: this page's
 * policy does not let it ask there.
 */
export type AddressFault = 'no-address' | 'not-gguf' | 'out-of-reach';

const [HUB] = HUBS;

/** `owner/repo`, then the path of a file in it; also with the host in front, as people copy it. */
const IN_REPO = /^(?:(?:huggingface\.co|hf\.co)\/)?([\w.-]+\/[\w.-]+)(?:\/(.+))?$/;

/** The page about a file, the file itself, and what git keeps of it lie at one address but for this word. */
const HUB_PATH = /^\/([\w.-]+\/[\w.-]+)(?:\/(?:blob|resolve|raw)\/([^/]+)\/(.+))?\/?$/;

/**
 * A Hugging Face file as `owner/repo/file.gguf`, or any address whose host the policy knows.
 * @param pageUrl of this page: what is relative lies beside it
 */
export function parseModelAddress(text: string, pageUrl: string): ModelAddress {
  const typed = text.trim();
  const isRelative = /^\.{0,2}\//.test(typed);
  if (!isRelative && !/^[a-z]+:/i.test(typed)) {
    const [, repo, path] = IN_REPO.exec(typed) ?? [];
    if (repo === undefined) return wrong('no-address');
    return path === undefined ? { type: 'repository', repo } : inRepo(repo, 'main', stripped(path));
  }
  const base = isRelative ? pageUrl : undefined;
  if (!URL.canParse(typed, base)) return wrong('no-address');
  const url = new URL(typed, base);
  url.hash = '';
  if (!isReachable(url.href, new URL(pageUrl).origin)) return wrong('out-of-reach');
  if (url.origin === HUB) {
    const [, repo, revision, path] = HUB_PATH.exec(url.pathname) ?? [];
    if (repo !== undefined && revision === undefined) return { type: 'repository', repo };
    if (repo !== undefined && path !== undefined) return inRepo(repo, revision ?? 'main', path);
  }
  return fileAt([url.href], url.pathname);
}

function inRepo(repo: string, revision: string, path: string): ModelAddress {
  const where = `/${repo}/resolve/${revision}/${path}`;
  return fileAt(
    HUBS.map((hub) => hub + where),
    path,
  );
}

/** @param path from the top of the repository, as it is called there */
export function fileInRepository(repo: string, path: string): ModelAddress {
  return inRepo(repo, 'main', path.split('/').map(encodeURIComponent).join('/'));
}

function fileAt(urls: readonly string[], path: string): ModelAddress {
  const fileName = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  if (!/.\.gguf$/i.test(fileName)) return wrong('not-gguf');
  return { type: 'file', file: { of: 'host', title: fileName, fileName, urls, expected: null } };
}

/** Without what the address of a file's page has between repository and file. */
function stripped(path: string): string {
  return path.replace(/^(?:blob|resolve|raw)\/[^/]+\//, '');
}

function wrong(reason: AddressFault): ModelAddress {
  return { type: 'wrong', reason };
}
