const FOLLOWED: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * Where a link of a model leads, as it is to be shown and followed: in full, and with letters that only look like others in
 * the form that tells them apart (`xn--…`). Null for what is no address of the web or of mail: it is shown as text alone.
 */
export function safeAddress(href: string): string | null {
  if (!/^[a-z]+:/i.test(href)) return null; // relative: it would lead into this page
  try {
    const url = new URL(href);
    return FOLLOWED.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
