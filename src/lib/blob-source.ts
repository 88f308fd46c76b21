import type { ByteSource } from './bytes.ts';

/** Reads a `Blob` or a picked `File` by slices; the rest stays where it is. */
export function blobSource(blob: Blob): ByteSource {
  return {
    totalBytes: blob.size,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > blob.size) {
        throw new RangeError(`bytes ${offset}–${offset + length} of a blob of ${blob.size}`);
      }
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      // A file that was cut after it was picked gives fewer bytes instead of an error.
      if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes for ${length}`);
      return bytes;
    },
  };
}
