import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** What a server shows, with the key that proves it; PEM. Nobody vouches for it but itself. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
/** Apple's systems take no longer ones. @see https://support.apple.com/103769 */
const LONGEST_MS = 397 * DAY_MS;

/**
 * The certificate of an earlier start if it names all of these addresses and holds for another day, else a new one: so
 * what a person once told the phone to accept stays accepted.
 *
 * @param folder where it is kept, readable by this user alone
 * @param addresses IPv4
 */
export async function certificateFor(
  folder: string,
  addresses: readonly string[],
): Promise<Certificate> {
  const kept = await readKept(folder);
  if (kept !== null && holdsFor(kept.cert, addresses)) return kept;
  const made = await makeCertificate(addresses);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'certificate.json'), JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** SHA-256 of a certificate as browsers show it: pairs of hex digits with colons. */
export function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}

async function readKept(folder: string): Promise<Certificate | null> {
  try {
    const text = await readFile(join(folder, 'certificate.json'), 'utf8');
    const { cert, key } = JSON.parse(text) as Partial<Certificate>;
    return typeof cert === 'string' && typeof key === 'string' ? { cert, key } : null;
  } catch {
    return null; // none yet, or not one of ours: a new one is made in its place
  }
}

function holdsFor(cert: string, addresses: readonly string[]): boolean {
  try {
    const known = new X509Certificate(cert);
    const isFresh = Date.parse(known.validTo) - Date.now() > DAY_MS;
    return isFresh && addresses.every((address) => known.checkIP(address) !== undefined);
  } catch {
    return false;
  }
}

async function makeCertificate(addresses: readonly string[]): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'Offgrid' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LONGEST_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          ...addresses.map((ip) => ({ type: 7, ip }) as const),
        ],
      },
    ],
  });
  return { cert, key };
}
