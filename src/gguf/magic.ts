/** Tells a model from the things that arrive in its place: a web page, a pointer to a file, nothing. */
import { AppError } from '../contract/errors.ts';
import type { ByteSource } from '../lib/bytes.ts';

const MAGIC = 'GGUF';
const LOOK_BYTES = 1024;

/**
 * Resolves when the file begins like a GGUF.
 * @throws AppError `html-not-model`, `not-gguf`, or `gguf-truncated` where there are fewer than four bytes
 */
export async function requireMagic(source: ByteSource): Promise<void> {
  const bytes = await source.read(0, Math.min(LOOK_BYTES, source.totalBytes));
  const beginning = new TextDecoder('utf-8').decode(bytes);
  if (beginning.startsWith(MAGIC)) return;
  if (bytes.length === 0) {
    throw new AppError('gguf-truncated', 'the file is empty', {
      detail: { type: 'empty' },
    });
  }
  if (MAGIC.startsWith(beginning))
    throw new AppError('gguf-truncated', 'the file ends in its magic');
  if (beginning.trimStart().startsWith('<')) {
    throw new AppError('html-not-model', 'the file begins like a web page');
  }
  if (beginning.startsWith('version https://git-lfs.github.com/spec/')) {
    throw new AppError('not-gguf', 'the file is a Git LFS pointer', {
      detail: { type: 'lfs-pointer' },
    });
  }
  throw new AppError('not-gguf', 'the file does not begin with GGUF');
}
