/**
 * Where models may be fetched from besides this origin. The Content-Security-Policy of the download worker names
 * these and nobody else (src/pwa/headers.ts), so an address elsewhere is refused by the browser itself.
 */
export const MODEL_HOSTS: readonly string[] = [
  'huggingface.co',
  '*.huggingface.co',
  '*.hf.co', // its file servers, which change by region
  'hf-mirror.com',
  '*.hf-mirror.com',
  'modelscope.cn',
  '*.modelscope.cn',
];

/** Hugging Face and a mirror of it, where the same paths lead to the same files. */
export const HUBS = ['https://huggingface.co', 'https://hf-mirror.com'] as const;

/** Whether the policy lets the download worker ask for this address. */
export function isReachable(url: string, ownOrigin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, protocol, port, hostname } = new URL(url);
  if (origin === ownOrigin) return true;
  if (protocol !== 'https:' || port !== '') return false;
  return MODEL_HOSTS.some((host) =>
    host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
}
