import { openFile } from '../../models/cli/node-source.ts';
import { loadTokenizer, type TextCodec } from '../../src/engine/text/tokenizer.ts';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';

/** The tokenizer of a GGUF on disk. */
export async function openTokenizer(modelPath: string): Promise<TextCodec> {
  const file = await openFile(modelPath);
  try {
    const made = tokenizerJson(await readGguf(file));
    return loadTokenizer(made.tokenizerJson, made.tokenizerConfig);
  } finally {
    await file.close();
  }
}
