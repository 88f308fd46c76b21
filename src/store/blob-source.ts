import { AppError } from '../contract/errors.ts';
import type { ByteSource } from '../lib/bytes.ts';
import { refuseOutside } from './files.ts';

/** A file that the person picked. Reads reject with `file-unreadable` once it was moved or changed on their disk. */
export function blobSource(blob: Blob): ByteSource {
  return {
    totalBytes: blob.size,
    read: async (offset, length) => {
      refuseOutside(offset, length, blob.size);
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        throw new AppError('file-unreadable', `reading ${length} bytes at ${offset} failed`, {
          cause,
        });
      }
    },
  };
}
