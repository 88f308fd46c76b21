import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { toModelId, type ModelId } from '../../src/contract/model.ts';
import type { ByteSource } from '../../src/lib/bytes.ts';
import { CommandFailure } from './command-failure.ts';

/** A file on disk as a `ByteSource`; close it when done. */
export async function openFile(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await openHandle(path);
  const { size: totalBytes } = await handle.stat();
  return {
    totalBytes,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new RangeError(`${path} ends before ${offset + length}`);
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

async function openHandle(path: string): Promise<FileHandle> {
  const unreadable = (cause?: unknown) =>
    new CommandFailure('model-missing', `cannot open ${path}`, {
      cause,
      sentence: `There is no readable file at ${path}. Check the path.`,
    });
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(cause);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw unreadable();
}

/** SHA-256 of a whole file. */
export async function hashFile(path: string): Promise<ModelId> {
  const handle = await openHandle(path);
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 20 })) {
    hash.update(chunk as Uint8Array);
  }
  return toModelId(hash.digest('hex'));
}
