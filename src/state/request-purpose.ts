import { CANARY_HOST } from '../contract/requests.ts';

/** What a request was for, by its address. `unknown` is what nobody here would ask for. */
export type RequestPurpose =
  | 'page'
  | 'look'
  | 'script'
  | 'worker'
  | 'runtime'
  | 'guide'
  | 'offline'
  | 'model-list'
  | 'host-policy'
  | 'model'
  /** A try to get out, which the browser lists although it was refused. */
  | 'drill'
  | 'unknown';

const PATHS: readonly (readonly [pattern: RegExp, purpose: RequestPurpose])[] = [
  [/^(index\.html)?$/, 'page'],
  [/^service\.worker\.js$/, 'offline'],
  [/^models\/index\.json$/, 'model-list'],
  [/^policy\.json$/, 'host-policy'],
  [/^models\/[^/]+\.gguf$/i, 'model'],
  [/^assets\/guide-[\w-]+\.gguf$/, 'guide'],
  [/^workers\/.*\.js$/, 'worker'],
  [/^(ort\/.*|assets\/[\w.-]+\.wasm)$/, 'runtime'],
  [/\.(css|svg|png|webmanifest)$/, 'look'],
  [/^assets\/[\w.-]+\.js$/, 'script'],
];

/**
 * @param url absolute
 * @param base address of the page, with a slash at the end
 */
export function purposeOf(url: string, base: string): RequestPurpose {
  const { host, origin } = new URL(url);
  if (host === CANARY_HOST) return 'drill';
  if (origin !== new URL(base).origin) {
    if (/\.gguf(\?|$)/i.test(url)) return 'model';
    return /^https:\/\/[^/]+\/api\/models\//.test(url) ? 'model-list' : 'unknown';
  }
  if (!url.startsWith(base)) return 'unknown';
  const [path = ''] = url.slice(base.length).split('?', 1);
  return PATHS.find(([pattern]) => pattern.test(path))?.[1] ?? 'unknown';
}
