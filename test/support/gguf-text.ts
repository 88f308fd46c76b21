import { readFile } from 'node:fs/promises';
import { loadChatTemplate, type ChatTemplate } from '../../src/engine/text/chat-template.ts';
import { loadTokenizer, type TextCodec } from '../../src/engine/text/tokenizer.ts';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import { sourceOf } from './compiled-tiny.ts';

export interface GgufText {
  readonly codec: TextCodec;
  readonly template: ChatTemplate;
  readonly files: { readonly tokenizerJson: object; readonly tokenizerConfig: object };
}

/** Tokenizer and chat template of a GGUF file, by the way they take in the program. */
export async function ggufText(path: string): Promise<GgufText> {
  const files = tokenizerJson(await readGguf(sourceOf(new Uint8Array(await readFile(path)))));
  const codec = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);
  return { codec, template: loadChatTemplate(codec, files.tokenizerConfig), files };
}

/** Ids of a text in which control tokens mean themselves, as Python's `tokenizers` reads it. */
export function encodeWithControl(codec: TextCodec, text: string): number[] {
  for (const [content, id] of codec.controlTokens) {
    const at = text.indexOf(content);
    if (at < 0) continue;
    const after = text.slice(at + content.length);
    return [...encodeWithControl(codec, text.slice(0, at)), id, ...encodeWithControl(codec, after)];
  }
  return codec.encode(text);
}

export function decode(codec: TextCodec, ids: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(ids.flatMap((id) => [...codec.bytesOf(id)])),
  );
}
