/** Lets code import a `.gguf` file: its address in the built page, its size and its hash, as they are when it is built. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Plugin } from 'vite';

export function importGguf(): Plugin {
  let root = process.cwd();
  return {
    name: 'import-gguf',
    enforce: 'pre',
    configResolved(config) {
      root = config.root;
    },
    async resolveId(source, importer) {
      if (!source.endsWith('.gguf') || importer === undefined) return null;
      const path = resolve(importer, '..', source);
      if (await isThere(path)) return path;
      return this.error(
        `${relative(root, path)} is not there. It is part of the repository: check it out, or make it anew as models/guide/README.md says.`,
      );
    },
    async load(id) {
      if (!id.endsWith('.gguf')) return null;
      this.addWatchFile(id);
      return moduleOf(id);
    },
  };
}

/** As models/gguf.d.ts declares it. The import by `?url` makes Vite copy the file. */
async function moduleOf(path: string): Promise<string> {
  const { size: totalBytes } = await stat(path);
  const sha256 = await sha256Of(path);
  return [
    `import url from ${JSON.stringify(`${path}?url`)};`,
    `export default { url, totalBytes: ${totalBytes}, sha256: ${JSON.stringify(sha256)} };`,
  ].join('\n');
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
