/**
 * Whether these are the bytes that the build hashed.
 * @param integrity as Subresource Integrity writes it: `sha256-` and the digest in base64. Where there are several, spaces
 *   between them, the bytes may be any of these: a packed file arrives packed, or as its host unpacked it on the way.
 */
export async function isIntact(bytes: ArrayBuffer, integrity: string): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return integrity.split(' ').includes(`sha256-${btoa(String.fromCharCode(...digest))}`);
}
