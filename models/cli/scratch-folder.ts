import { rmSync } from 'node:fs';

/** Runs `work` and removes `folder` and all in it however that ends, `process.exit` included. */
export async function withScratchFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.off('exit', remove);
    remove();
  }
}
