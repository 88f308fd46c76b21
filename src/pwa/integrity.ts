/**
 * Whether these are the bytes that the build hashed.
 * @param integrity as Subresource Integrity writes it: `sha256-` and the digest in base64
 */
export async function isIntact(bytes: ArrayBuffer, integrity: string): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return integrity === `sha256-${btoa(String.fromCharCode(...digest))}`;
}
