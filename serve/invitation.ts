import { renderANSI, renderUnicodeCompact } from 'uqr';

/**
 * What to do with a phone, in words.
 * @param urls where the page is to be had, the likeliest first
 * @param fingerprint SHA-256 of the certificate, as browsers show it
 * @param hasColours whether who reads it sees colours, as on a terminal; a code in plain characters is read less surely
 */
export function invitation(
  urls: readonly [string, ...string[]],
  fingerprint: string,
  hasColours: boolean,
): string {
  const [url, ...others] = urls;
  const code = hasColours
    ? renderANSI(url, { border: 2 })
    : renderUnicodeCompact(url, { border: 2 });
  const also = others.length === 0 ? '' : `Not reachable? Try ${others.join(' or ')}\n\n`;
  return `
${code}

On a phone in the same network, scan this or open
  ${url}

${also}The phone will warn that it does not know the certificate. It was made on this computer, and nobody
vouches for it. In a network that you trust, go on: "Advanced", then "Proceed" (Chrome, Edge), "Show Details",
then "visit this website" (Safari), "Advanced", then "Accept the Risk" (Firefox). To be sure that nobody is
in between, compare its SHA-256 fingerprint in the details of the certificate with this one:
  ${fingerprint}

Behind such a warning the page works in full but for one thing: most browsers do not keep the page itself, so this
computer has to be on when it is opened. To have it without a network, serve dist/ from a host with a certificate that
the phone knows.

Ctrl+C ends this.
`;
}
