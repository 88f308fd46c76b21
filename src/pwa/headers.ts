/**
 * The response headers of this page, written once: dev and preview send them, the build writes them into `_headers`
 * for static hosts, and the service worker puts them on what comes from hosts that send none. A worker is bound by
 * the policy of its own script's response, so each has one.
 */
import { MODEL_HOSTS } from '../contract/model-hosts.ts';
import { TRUSTED_TYPES_POLICY } from '../contract/trusted-types.ts';

export type Headers = Readonly<Record<string, string>>;

/** For every file: isolation (threads need it), no referrer, no guessing of types, no devices. */
const COMMON: Headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
    .map((feature) => `${feature}=()`)
    .join(', '),
};

type Policy = Readonly<Record<string, readonly string[]>>;

const PAGE: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  'connect-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': [TRUSTED_TYPES_POLICY],
};

/** Compiles WASM, starts threads, and reaches nobody but this origin. */
const WORKER: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  'connect-src': ["'self'"],
};

/** Fetches models, and is the only part of the page that may. */
const DOWNLOAD_WORKER: Policy = {
  ...WORKER,
  'connect-src': ["'self'", ...MODEL_HOSTS.map((host) => `https://${host}`)],
};

/** Computes with what it is given, and reaches nobody. */
const THREAD: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
};

/** Fetches what it keeps and runs nothing else. */
const SERVICE_WORKER: Policy = { ...WORKER, 'script-src': ["'self'"] };

/**
 * Policies by path from the root of the site; `*` at the end stands for anything. No path matches two rules, for
 * hosts join headers of the same name, and a browser then obeys both policies.
 */
const POLICIES: readonly (readonly [path: string, policy: Policy])[] = [
  ['/', PAGE],
  ['/index.html', PAGE],
  ['/service.worker.js', SERVICE_WORKER],
  ['/workers/download/*', DOWNLOAD_WORKER],
  ['/workers/store/*', WORKER],
  ['/workers/inference/*', WORKER],
  ['/workers/kernel-thread/*', THREAD],
  ['/workers/hash/*', THREAD],
  ['/ort/*', WORKER], // a thread of ORT is a worker whose script is ORT's own
];

/**
 * Headers of one response.
 * @param path from the root of the page, query and fragment cut off. One without a rule is served as the page.
 */
export function headersFor(path: string): Headers {
  const found = POLICIES.find(([rule]) =>
    rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : path === rule,
  );
  return { ...COMMON, ...policyHeader(found?.[1] ?? PAGE) };
}

/**
 * What differs while developing: Vite's client puts styles into the page, each with a nonce, and shows errors in an
 * overlay that Trusted Types would forbid.
 */
export function headersForDev(path: string, nonce: string): Headers {
  const worker = /^\/workers\/([\w-]+)\.worker\.ts$/.exec(path)?.[1];
  if (worker !== undefined) return headersFor(`/workers/${worker}/`);
  const { 'require-trusted-types-for': _, 'trusted-types': __, ...page } = PAGE;
  const policy = { ...page, 'style-src': ["'self'", `'nonce-${nonce}'`] };
  return { ...COMMON, ...policyHeader(policy) };
}

/**
 * `_headers`, as Netlify, Cloudflare Pages and others read it.
 * @param base folder of the site that holds the page, with a slash on both ends
 */
export function headersFile(base = '/'): string {
  const rules: readonly (readonly [string, Headers])[] = [
    [`${base}*`, COMMON],
    ...POLICIES.map(([path, policy]) => [base + path.slice(1), policyHeader(policy)] as const),
  ];
  return rules
    .map(([path, headers]) =>
      [path, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ''].join(
        '\n',
      ),
    )
    .join('\n');
}

/**
 * The page's policy for a `<meta>` element, which binds the page from its first line also where the host sends no
 * headers. It cannot say who may frame the page, and binds no worker.
 */
export function metaPolicy(): string {
  const { 'frame-ancestors': _, ...policy } = PAGE;
  return policyText(policy);
}

function policyHeader(policy: Policy): Headers {
  return { 'Content-Security-Policy': policyText(policy) };
}

function policyText(policy: Policy): string {
  return Object.entries(policy)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');
}
