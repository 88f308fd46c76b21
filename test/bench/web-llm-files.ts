import { join } from 'node:path';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import type { WebLlmModel } from './protocol.ts';
import type { Mounts } from './serve.ts';

/** What WebLLM shall run: a model by its name in WebLLM's list, or one and its library by folder, file or address. */
export type WebLlmChoice =
  | { readonly from: 'list'; readonly id: string }
  | { readonly from: 'place'; readonly model: string; readonly library: string };

export function isAddress(place: string): boolean {
  return /^https?:\/\//.test(place);
}

/** WebLLM asks for a model's files below `resolve/main/`, as on the Hub. */
const MODEL_PATH = '/web-llm-model/';
const LIBRARY_PATH = '/web-llm-model.wasm';

/**
 * Writes below `folder` what WebLLM's page reads, and says where it finds that and the model.
 * @throws Error when a folder or file that was named is not there
 */
export async function writeWebLlmFiles(choice: WebLlmChoice, folder: string): Promise<Mounts> {
  const note = join(folder, 'web-llm', 'web-llm.json');
  const mounts: Record<string, string> = { '/web-llm.json': note };
  const place = async (path: string, mount: string, url: string) => {
    if (isAddress(path)) return path;
    await stat(path);
    mounts[mount] = path;
    return url;
  };
  const model: WebLlmModel =
    choice.from === 'list'
      ? choice
      : {
          from: 'url',
          modelUrl: await place(choice.model, `${MODEL_PATH}resolve/main/`, MODEL_PATH),
          libraryUrl: await place(choice.library, LIBRARY_PATH, LIBRARY_PATH),
        };
  await mkdir(join(folder, 'web-llm'), { recursive: true });
  await writeFile(note, JSON.stringify(model));
  return mounts;
}
