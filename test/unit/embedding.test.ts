import { InferenceSession, Tensor } from '#ort';
import { expect, test } from 'vitest';
import { blockForm } from '../../src/compile/bits.ts';
import { lookUp } from '../../src/compile/embedding.ts';
import { GraphBuilder } from '../../src/compile/graph-builder.ts';
import { writeBlocks } from '../../src/compile/linear/blocks.ts';
import { encodeModel } from '../../src/compile/onnx.ts';
import { WeightFile } from '../../src/compile/weight-file.ts';
import { WeightReader } from '../../src/compile/weight-reader.ts';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { sourceOf, tinyBytes, type TinyName } from '../support/compiled-tiny.ts';

const TABLE = 'token_embd.weight';
const WIDTH = 64;
const TOKENS = 480;

/** Looks every token up, last ones first, in a table whose tensors hold at most `maxTensorBytes`. */
async function lookUpAll(reader: WeightReader, maxTensorBytes: number): Promise<Float32Array> {
  const chunks: Uint8Array[] = [];
  const file = new WeightFile('weights.bin', {
    async write(bytes) {
      chunks.push(bytes.slice());
    },
  });
  const g = new GraphBuilder();
  const form = blockForm([reader.type(TABLE)]);
  const names = [TABLE];
  const table = await writeBlocks(g, reader, file, 'head', names, [TOKENS], form, maxTensorBytes);
  lookUp(g, g.input('ids', 'int32', [1, 'new']), table);
  g.output('embeds', 'float32', [1, 'new', WIDTH]);
  const session = await InferenceSession.create(encodeModel(g.finish('look up'), 'test'), {
    externalData: [{ path: 'weights.bin', data: new Uint8Array(Buffer.concat(chunks)) }],
  });
  const ids = Int32Array.from({ length: TOKENS }, (_, i) => TOKENS - 1 - i);
  const { embeds } = await session.run({ ids: new Tensor('int32', ids, [1, TOKENS]) });
  await session.release();
  return embeds?.data as Float32Array;
}

test.each<[TinyName, number, number]>([
  ['tiny-qwen2', 1, 1e6],
  ['tiny-qwen2', 2, 256 * WIDTH],
  ['tiny-qwen2', 4, 128 * WIDTH],
  ['tiny-qwen2-q4_0', 3, 192 * (WIDTH / 2)],
])('every token of %s finds its own row in a table of %d parts', async (name, _, most) => {
  const source = sourceOf(await tinyBytes(name));
  const reader = new WeightReader(source, await readGguf(source), async () => {});

  const found = await lookUpAll(reader, most);

  const wrong: number[] = [];
  for (let token = 0; token < TOKENS; token++) {
    const expected = await reader.row(TABLE, token);
    const at = (TOKENS - 1 - token) * WIDTH;
    if (expected.some((value, i) => found[at + i] !== value)) wrong.push(token);
  }
  expect(wrong).toEqual([]);
});
