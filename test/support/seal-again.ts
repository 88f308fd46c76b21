import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes into the service worker of a built page which bytes its files have now, as a build does. */
export async function sealAgain(folder: string): Promise<void> {
  const path = join(folder, 'service.worker.js');
  let script = await readFile(path, 'utf8');
  for (const [entry, url = ''] of script.matchAll(/\{"integrity":[^{}]*"url":"([^"]+)"\}/g)) {
    const digest = createHash('sha256').update(await readFile(join(folder, url)));
    const integrity = `sha256-${digest.digest('base64')}`;
    script = script.replace(entry, entry.replace(/sha256-[^"]+/, integrity));
  }
  await writeFile(path, script);
}
