import { AppError } from '../contract/errors.ts';
import { blobSource } from '../lib/blob-source.ts';
import type { ByteSource } from '../lib/bytes.ts';
import { refuseOutside } from './files.ts';

/** A file that the person picked. Reads reject with `file-unreadable` once it was moved or changed on their disk. */
export function pickedFile(file: Blob): ByteSource {
  const source = blobSource(file);
  return {
    totalBytes: source.totalBytes,
    read: async (offset, length) => {
      refuseOutside(offset, length, source.totalBytes);
      try {
        return await source.read(offset, length);
      } catch (cause) {
        const log = `reading ${length} bytes at ${offset} of the picked file failed`;
        throw new AppError('file-unreadable', log, { cause });
      }
    },
  };
}
