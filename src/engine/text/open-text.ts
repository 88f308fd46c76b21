import { readJson, type ModelFolder } from '../model-folder.ts';
import { loadChatTemplate, type ChatTemplate } from './chat-template.ts';
import { loadTokenizer, type TextCodec } from './tokenizer.ts';

/** Tokenizer and chat template of a compiled model. */
export async function openText(
  folder: Pick<ModelFolder, 'read'>,
): Promise<{ readonly codec: TextCodec; readonly template: ChatTemplate }> {
  const json = await readJson(folder, 'tokenizer.json');
  const config = await readJson(folder, 'tokenizer_config.json');
  const codec = loadTokenizer(json, config);
  return { codec, template: loadChatTemplate(codec, config) };
}
