import { TRUSTED_TYPES_POLICY } from '../contract/trusted-types.ts';

/** Part of the platform that TypeScript's library does not have yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(
  TRUSTED_TYPES_POLICY,
  { createScriptURL: refuseForeign },
);

/** The URL as a page with Trusted Types takes it for a worker. Throws for one of another origin. */
export function scriptUrl(url: string): string {
  return policy === undefined ? refuseForeign(url) : policy.createScriptURL(url);
}

function refuseForeign(url: string): string {
  const { origin, href } = new URL(url, document.baseURI);
  if (origin !== location.origin) throw new TypeError(`a worker of another origin: ${origin}`);
  return href;
}
