import { describeQwen2 } from '../src/gguf/qwen2.ts';
import { readGguf } from '../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../src/gguf/tokenizer-json.ts';
import type { ByteSource } from '../src/lib/bytes.ts';

/** Cheap look at a source, see `Inspect` of the store. */
export async function inspectSource(source: ByteSource): Promise<{ readonly title: string }> {
  const gguf = await readGguf(source);
  const { title } = describeQwen2(gguf); // first: it knows the architecture, which says most
  tokenizerJson(gguf); // for what it refuses
  return { title };
}
