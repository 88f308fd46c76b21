import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** What the names of the guide's folders begin with. */
const GUIDE = createHash('sha256')
  .update(readFileSync('models/guide/guide.gguf'))
  .digest('hex')
  .slice(0, 16);

/**
 * Leaves the device as it was before the first visit, the guide on it: that comes by itself, and takes a while.
 * @param page of the same origin; rejects while a worker of another page holds a file
 */
export function forgetModels(page: Page): Promise<'forgotten'> {
  return page.evaluate(async (guide) => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('store', { create: true });
    for await (const folder of store.values()) {
      if (folder.kind === 'file') continue;
      for await (const name of folder.keys()) {
        if (!name.startsWith(guide)) await folder.removeEntry(name, { recursive: true });
      }
    }
    localStorage.clear();
    return 'forgotten' as const;
  }, GUIDE);
}
