import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Writes into the service worker of a built page which bytes its files have now, as a build does. */
export async function sealAgain(folder: string): Promise<void> {
  const path = join(folder, 'service.worker.js');
  let script = await readFile(path, 'utf8');
  for (const [entry, url = ''] of script.matchAll(/\{"integrity":[^{}]*"url":"([^"]+)"\}/g)) {
    const bytes = await readFile(join(folder, url));
    const forms = url.endsWith('.gz') ? [bytes, gunzipSync(bytes)] : [bytes];
    const integrity = forms
      .map((form) => `sha256-${createHash('sha256').update(form).digest('base64')}`)
      .join(' ');
    script = script.replace(entry, entry.replace(/sha256-[^"]+/, integrity));
  }
  await writeFile(path, script);
}
