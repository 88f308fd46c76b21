import type { WantedFile } from '../contract/download.ts';
import { isReachable } from '../contract/model-hosts.ts';

/** What a person typed to say where a model lies, and what it means. */
export type ModelAddress =
  | { readonly type: 'file'; readonly file: WantedFile }
  | { readonly type: 'wrong'; readonly reason: AddressFault };

/**
 * `no-address`: neither an address nor a repository with a file. `no-file`: a repository alone. `not-gguf`: another
 * kind of file. `out-of-reach`: this page's policy does not let it ask there.
 */
export type AddressFault = 'no-address' | 'no-file' | 'not-gguf' | 'out-of-reach';

const HUB = 'https://huggingface.co';
const HUB_MIRROR = 'https://hf-mirror.com';

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
    return path === undefined ? wrong('no-file') : inRepo(repo, 'main', stripped(path));
  }
  const base = isRelative ? pageUrl : undefined;
  if (!URL.canParse(typed, base)) return wrong('no-address');
  const url = new URL(typed, base);
  url.hash = '';
  if (!isReachable(url.href, new URL(pageUrl).origin)) return wrong('out-of-reach');
  if (url.origin === HUB) {
    const [, repo, revision, path] = HUB_PATH.exec(url.pathname) ?? [];
    if (repo !== undefined && revision === undefined) return wrong('no-file');
    if (repo !== undefined && path !== undefined) return inRepo(repo, revision ?? 'main', path);
  }
  return fileAt([url.href], url.pathname);
}

function inRepo(repo: string, revision: string, path: string): ModelAddress {
  const where = `/${repo}/resolve/${revision}/${path}`;
  return fileAt([HUB + where, HUB_MIRROR + where], path);
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
